"""Movements of money on accounts, as their processors state them."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from bookedbarber.accounts.api.authentication import get_person
from bookedbarber.accounts.api.permissions import may
from bookedbarber.accounts.roles import Permission
from bookedbarber.foundation.api.fields import MoneyText
from bookedbarber.foundation.api.filters import LARGEST_ID, ListFilter
from bookedbarber.foundation.api.pagination import paginate
from bookedbarber.foundation.money import Money

from ..models import ExternalTransaction
from ..states import TransactionKind, TransactionState
from .fields import RateText


class TransactionFilter(ListFilter):
    MOMENT = "occurred_at"
    LOOKUPS: ClassVar = {"connection_id": "connection_id", "status": "state", "kind": "kind"}

    connection_id = serializers.IntegerField(min_value=1, max_value=LARGEST_ID, required=False)
    status = serializers.ChoiceField(choices=TransactionState.choices, required=False)
    kind = serializers.ChoiceField(choices=TransactionKind.choices, required=False)


class TransactionOutput(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    connection_id = serializers.IntegerField()
    processor = serializers.CharField()
    barber_id = serializers.IntegerField(allow_null=True)
    kind = serializers.CharField()
    status = serializers.CharField()
    external_id = serializers.CharField()
    amount = MoneyText()
    tip_amount = MoneyText()
    processing_fee = MoneyText(allow_null=True)
    currency = serializers.CharField()
    method = serializers.CharField()
    payment_id = serializers.CharField(allow_null=True)
    commission_rate = RateText()
    occurred_at = serializers.DateTimeField()
    available_at = serializers.DateTimeField(allow_null=True)


class TransactionDetail(TransactionOutput):
    appointment_id = serializers.IntegerField(allow_null=True)
    commission_amount = MoneyText()


class TransactionsView(APIView):
    permission_classes = (may(Permission.PAYMENT_READ),)

    @extend_schema(parameters=[TransactionFilter], responses=TransactionOutput(many=True))
    def get(self, request: Request) -> Response:
        wanted = TransactionFilter.read(request)
        return paginate(request, _list_visible(request).filter(**wanted), _render)


class TransactionView(APIView):
    permission_classes = (may(Permission.PAYMENT_READ),)

    @extend_schema(responses=TransactionDetail)
    def get(self, request: Request, transaction_id: int) -> Response:
        row = get_object_or_404(_list_visible(request), pk=transaction_id)
        owed_minor = sum(row.accruals.values_list("commission_minor", flat=True))
        values = {
            **_to_values(row),
            "appointment_id": row.payment.appointment_id if row.payment else None,
            "commission_amount": Money(owed_minor, row.currency),
        }
        return Response(TransactionDetail(values).data)


def _list_visible(request: Request) -> QuerySet[ExternalTransaction]:
    rows = ExternalTransaction.objects.visible_to(get_person(request))
    return rows.select_related("connection", "payment")


def _render(row: ExternalTransaction) -> dict[str, Any]:
    return dict(TransactionOutput(_to_values(row)).data)


def _to_values(row: ExternalTransaction) -> dict[str, Any]:
    same = (
        "id",
        "connection_id",
        "barber_id",
        "kind",
        "external_id",
        "amount",
        "currency",
        "method",
        "commission_rate",
        "occurred_at",
        "available_at",
    )
    return {
        **{name: getattr(row, name) for name in same},
        "processor": row.connection.processor,
        "status": row.state,
        "tip_amount": Money(row.tip_minor, row.currency),
        "processing_fee": row.fee,
        "payment_id": row.payment.public_id if row.payment else None,
    }
