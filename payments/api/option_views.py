"""The ways to pay a barber."""

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from bookedbarber.accounts.api.authentication import get_person
from bookedbarber.accounts.api.permissions import may
from bookedbarber.accounts.models import Barber
from bookedbarber.accounts.roles import Permission
from bookedbarber.foundation.api.fields import MoneyText, StrictSerializer

from ..errors import UnknownBarber
from ..queries.options import Option, Options, list_options
from ..queries.payees import get_barber_with_options
from ..queries.routing import get_barber_facts, get_limits
from ..rules.limits import check_amount
from .fields import AmountText, RateText


class OptionsInput(StrictSerializer):
    amount = AmountText(required=False)
    currency = serializers.CharField(min_length=3, max_length=3, required=False)


class OptionOutput(serializers.Serializer[Any]):
    type = serializers.CharField()
    processor = serializers.CharField(source="account.processor")
    connection_id = serializers.IntegerField(source="account.connection_id")
    display_name = serializers.CharField(source="account.name")
    processing_fee = MoneyText(source="fees.processing_fee")
    commission = MoneyText(source="fees.commission")
    net_amount = MoneyText(source="fees.net_amount")
    default = serializers.BooleanField(source="is_default")


class FeeBreakdown(serializers.Serializer[Any]):
    amount = MoneyText()
    currency = serializers.CharField(source="amount.currency")
    commission_rate = RateText(source="terms.commission.rate")
    processing_fee = MoneyText(source="default.fees.processing_fee", default=None)
    commission = MoneyText(source="default.fees.commission", default=None)
    net_amount = MoneyText(source="default.fees.net_amount", default=None)


class OptionsOutput(serializers.Serializer[Any]):
    barber_id = serializers.IntegerField(source="barber.pk")
    payment_mode = serializers.CharField(source="terms.mode")
    available_methods = OptionOutput(source="options", many=True)
    default_method = serializers.CharField(source="default.type", default=None)
    fallback_enabled = serializers.BooleanField()
    external_connections = serializers.SerializerMethodField()
    fee_breakdown = FeeBreakdown(source="*")

    def get_external_connections(self, options: Options) -> list[dict[str, Any]]:
        external = [option for option in options.options if not option.account.is_platform]
        return [_describe_connection(option) for option in external]


class MyOptionsView(APIView):
    permission_classes = (may(Permission.PAYMENT_READ),)

    @extend_schema(parameters=[OptionsInput], responses=OptionsOutput)
    def get(self, request: Request) -> Response:
        own: Barber | None = getattr(get_person(request), "barber", None)
        if own is None:
            raise UnknownBarber("You are not a barber; name one in the path")
        return _answer(request, own)


class OptionsView(APIView):
    permission_classes = (may(Permission.PAYMENT_READ),)

    @extend_schema(parameters=[OptionsInput], responses=OptionsOutput)
    def get(self, request: Request, barber_id: int) -> Response:
        return _answer(request, get_barber_with_options(get_person(request), barber_id))


def _answer(request: Request, barber: Barber) -> Response:
    wanted = OptionsInput(data=request.query_params.dict())
    wanted.is_valid(raise_exception=True)
    fields, now = wanted.validated_data, timezone.now()
    amount = None
    if "amount" in fields:
        barbers_own = get_barber_facts(barber, now=now).terms.currency
        currency = fields.get("currency", barbers_own)
        amount = check_amount(fields["amount"], currency, get_limits())
    return Response(OptionsOutput(list_options(barber, amount=amount, now=now)).data)


def _describe_connection(option: Option) -> dict[str, Any]:
    return {
        "connection_id": option.account.connection_id,
        "processor": option.account.processor,
        "display_name": option.account.name,
    }
