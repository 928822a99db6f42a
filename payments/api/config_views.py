"""A barber's payment configuration."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils import timezone
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from bookedbarber.accounts.api.authentication import get_person
from bookedbarber.accounts.api.permissions import ClientsOnlyRead, may
from bookedbarber.accounts.models import Barber
from bookedbarber.accounts.roles import Permission
from bookedbarber.foundation.api.fields import DecimalText, StrictSerializer
from bookedbarber.foundation.money import Money

from ..errors import UnknownBarber
from ..models import HybridPaymentConfig
from ..operations.configs import get_default_values, set_config
from ..queries.configs import find_config
from ..rules.limits import read_amount
from ..states import CollectionFrequency, Mode

# Name in the API → column.
AMOUNTS = {
    "min_external_amount": "min_external_minor",
    "max_platform_amount": "max_platform_minor",
    "split_threshold": "split_threshold_minor",
    "minimum_collection_amount": "minimum_collection_minor",
}


class ConfigInput(StrictSerializer):
    mode = serializers.ChoiceField(choices=Mode.choices, required=False)
    preferred_processor = serializers.CharField(max_length=20, required=False, allow_blank=True)
    fallback_enabled = serializers.BooleanField(required=False)
    min_external_amount = DecimalText(required=False, allow_null=True)
    max_platform_amount = DecimalText(required=False, allow_null=True)
    split_threshold = DecimalText(required=False, allow_null=True)
    commission_rate = DecimalText(required=False)
    currency = serializers.ChoiceField(choices=settings.CURRENCIES, required=False)
    collection_frequency = serializers.ChoiceField(
        choices=CollectionFrequency.choices, required=False
    )
    collection_day = serializers.IntegerField(min_value=1, max_value=31, required=False)
    minimum_collection_amount = DecimalText(required=False)
    auto_collection = serializers.BooleanField(required=False)
    reason = serializers.CharField(max_length=500, required=False, allow_blank=True)


class ConfigView(APIView):
    """`/config`: the caller's own; `/config/{barber_id}`: of a barber the caller may see."""

    permission_classes = (may(Permission.COLLECTION_READ), ClientsOnlyRead)

    @extend_schema(responses=dict[str, Any])
    def get(self, request: Request, barber_id: int | None = None) -> Response:
        barber, now = _get_barber(request, barber_id), timezone.now()
        return Response(render_config(barber, find_config(barber, at=now)))

    @extend_schema(request=ConfigInput, responses=dict[str, Any])
    def patch(self, request: Request, barber_id: int | None = None) -> Response:
        barber, now = _get_barber(request, barber_id), timezone.now()
        wanted = ConfigInput(data=request.data)
        wanted.is_valid(raise_exception=True)
        fields = dict(wanted.validated_data)
        if "commission_rate" in fields and not get_person(request).may(Permission.ADMIN_WRITE):
            raise PermissionDenied("commission_rate is set by operators")
        reason = fields.pop("reason", "")
        config = set_config(
            barber=barber,
            changes=_to_columns(fields, barber, now),
            by=get_person(request).public_id,
            now=now,
            reason=reason,
        )
        return Response(render_config(barber, config))


@extend_schema_view(
    get=extend_schema(operation_id="hybrid_payments_own_config_retrieve"),
    patch=extend_schema(operation_id="hybrid_payments_own_config_partial_update"),
)
class OwnConfigView(ConfigView):
    """The same without an id; a description needs another name for it."""


def render_config(barber: Barber, config: HybridPaymentConfig | None) -> dict[str, Any]:
    values = get_default_values() if config is None else vars(config)
    currency = values["currency"]
    amounts = {name: _render_amount(values[column], currency) for name, column in AMOUNTS.items()}
    plain = (
        "mode",
        "preferred_processor",
        "fallback_enabled",
        "currency",
        "collection_frequency",
        "collection_day",
        "auto_collection",
    )
    return {
        "barber_id": barber.pk,
        "is_configured": config is not None,
        **{name: values[name] for name in plain},
        "commission_rate": f"{values['commission_rate']:.2f}",
        **amounts,
        "effective_at": None if config is None else config.effective_at.isoformat(),
    }


def _get_barber(request: Request, barber_id: int | None) -> Barber:
    own: Barber | None = getattr(get_person(request), "barber", None)
    if barber_id is None and own is not None:
        return own
    visible = Barber.objects.visible_to(get_person(request))
    barber = None if barber_id is None else visible.filter(pk=barber_id).first()
    if barber is None:
        raise UnknownBarber(barber_id=barber_id)
    return barber


def _to_columns(fields: dict[str, Any], barber: Barber, now: datetime) -> dict[str, Any]:
    before = find_config(barber, at=now)
    known = before.currency if before else settings.DEFAULT_CURRENCY
    currency = fields.get("currency", known)
    return {
        AMOUNTS.get(name, name): _to_minor(name, value, currency) if name in AMOUNTS else value
        for name, value in fields.items()
    }


def _to_minor(name: str, value: Any, currency: str) -> int | None:
    return None if value is None else read_amount(value, currency, field=name).amount_minor


def _render_amount(minor: int | None, currency: str) -> str | None:
    return None if minor is None else str(Money(minor, currency).major)
