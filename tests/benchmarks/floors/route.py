"""Routing as a plain REST framework view: simplejwt, a serializer and three indexed reads."""

from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.db.models import Q
from django.utils import timezone
from rest_framework import serializers
from rest_framework.parsers import JSONParser
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView
from rest_framework_simplejwt.authentication import JWTAuthentication

from bookedbarber.accounts.models import Barber
from payments.models import HybridPaymentConfig
from processors.models import Connection

CENT = Decimal("0.01")


class RouteRequest(serializers.Serializer[Any]):
    appointment_id = serializers.IntegerField(min_value=1, required=False)
    barber_id = serializers.IntegerField(min_value=1, required=False)
    amount = serializers.DecimalField(max_digits=12, decimal_places=2)
    currency = serializers.CharField(min_length=3, max_length=3, required=False)
    client_preference = serializers.ChoiceField(choices=["platform", "external"], required=False)


class RouteFloor(APIView):
    authentication_classes = (JWTAuthentication,)
    permission_classes = (IsAuthenticated,)
    parser_classes = (JSONParser,)

    def post(self, request: Request) -> Response:
        wanted = RouteRequest(data=request.data)
        wanted.is_valid(raise_exception=True)
        user: Any = request.user
        barber = Barber.objects.get(user=user)
        config = (
            HybridPaymentConfig.objects.filter(barber=barber, effective_at__lte=timezone.now())
            .order_by("-effective_at")
            .first()
        )
        accounts = Connection.objects.filter(
            Q(owner_id=0) | Q(owner_id=barber.pk), environment="sandbox", state="connected"
        ).order_by("id")
        return Response(_choose(wanted.validated_data["amount"], config, list(accounts)))


def _choose(amount: Decimal, config: Any, accounts: list[Connection]) -> dict[str, Any]:
    """The cheapest account within the thresholds."""
    minor = int(amount * 100)
    platform = [account for account in accounts if account.owner_id == 0]
    own = [account for account in accounts if account.owner_id != 0]
    if config.min_external_minor is not None and minor < config.min_external_minor:
        usable, reason = platform, "below_min_external_amount"
    elif config.max_platform_minor is not None and minor > config.max_platform_minor:
        usable, reason = own, "above_max_platform_amount"
    else:
        usable, reason = accounts, "lower_fees"
    account = min(usable, key=lambda candidate: _get_fee(amount, candidate))
    return _render(amount, config, account, accounts, reason)


def _get_fee(amount: Decimal, account: Connection) -> Decimal:
    fee = amount * account.fee_percent / 100 + Decimal(account.fee_fixed_minor) / 100
    return fee.quantize(CENT, ROUND_HALF_UP)


def _render(
    amount: Decimal, config: Any, account: Connection, accounts: list[Connection], reason: str
) -> dict[str, Any]:
    fee = _get_fee(amount, account)
    commission = (amount * config.commission_rate / 100).quantize(CENT, ROUND_HALF_UP)
    return {
        "routing_decision": "external" if account.owner_id else "centralized",
        "recommended_processor": account.processor,
        "connection_id": account.pk,
        "reason": reason,
        "explanation": f"{account.name} ({account.processor}) costs {fee} {config.currency}.",
        "candidates": [
            {
                "connection_id": candidate.pk,
                "processor": candidate.processor,
                "usable": True,
                "reason": None,
            }
            for candidate in accounts
        ],
        "routing_details": {
            "payment_mode": config.mode,
            "commission_rate": f"{config.commission_rate:.2f}",
            "fallback_available": config.fallback_enabled,
            "legs": [{"connection_id": account.pk, "amount": str(amount)}],
        },
        "estimated_fees": {
            "processing_fee": str(fee),
            "commission_fee": str(commission),
            "total_fees": str(fee + commission),
            "net_amount": str(amount - fee - commission),
            "is_estimate": True,
        },
    }
