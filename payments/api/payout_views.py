"""What barbers were paid out, and what they will be."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from bookedbarber.accounts.api.authentication import get_person
from bookedbarber.accounts.api.permissions import ClientsOnlyRead, may
from bookedbarber.accounts.models import Barber
from bookedbarber.accounts.roles import Permission
from bookedbarber.foundation.api.fields import MoneyText
from bookedbarber.foundation.api.filters import LARGEST_ID, ListFilter
from bookedbarber.foundation.api.pagination import paginate

from ..models import Payout, PayoutLine
from ..queries.payables import Payable, list_payables
from ..states import PayoutState

MOST_UPCOMING = 1000


class PayoutFilter(ListFilter):
    LOOKUPS: ClassVar = {"status": "state", "barber_id": "barber_id"}

    status = serializers.ChoiceField(choices=PayoutState.choices, required=False)
    barber_id = serializers.IntegerField(min_value=1, max_value=LARGEST_ID, required=False)


class PayoutOutput(serializers.Serializer[Any]):
    payout_id = serializers.CharField(source="public_id")
    barber_id = serializers.IntegerField()
    status = serializers.CharField(source="state")
    amount = MoneyText()
    reversed_amount = MoneyText(source="reversed")
    currency = serializers.CharField()
    account = serializers.CharField(source="destination.account_id")
    bank_status = serializers.CharField(source="bank_state")
    bank_message = serializers.CharField()
    external_id = serializers.CharField()
    failure_code = serializers.CharField()
    failure_message = serializers.CharField()
    created_at = serializers.DateTimeField()
    paid_at = serializers.DateTimeField(allow_null=True)


class PayoutLineOutput(serializers.Serializer[Any]):
    """`withheld` is kept back for a fee that was not known yet, or given back from that."""

    kind = serializers.CharField()
    amount = MoneyText()
    withheld = MoneyText()
    payment_id = serializers.SerializerMethodField()
    occurred_at = serializers.DateTimeField()

    def get_payment_id(self, line: PayoutLine) -> str | None:
        payment = line.movement.payment if line.movement else None
        return payment.public_id if payment else None


class PayoutWithLines(PayoutOutput):
    lines = PayoutLineOutput(many=True)
    pagination = serializers.DictField(help_text="Of the lines.")


class UpcomingOutput(serializers.Serializer[Any]):
    """What is owed now and how much of it is paid next; `reason` says what stands in the way."""

    barber_id = serializers.IntegerField()
    currency = serializers.CharField()
    owed = MoneyText(source="facts.owed")
    in_payouts = MoneyText(source="facts.reserved")
    waiting_for_funds = MoneyText(source="facts.waiting_for_funds")
    waiting_for_fees = MoneyText(source="facts.waiting_for_fees")
    withheld_for_fees = MoneyText(source="facts.withheld")
    available = MoneyText(source="facts.available")
    next_available_at = serializers.DateTimeField(source="facts.next_available_at", allow_null=True)
    can_be_paid = MoneyText(source="decision.amount")
    reason = serializers.CharField(source="decision.obstacle", allow_null=True)
    explanation = serializers.CharField(source="decision.explanation")


class PayoutsView(APIView):
    permission_classes = (may(Permission.PAYMENT_READ), ClientsOnlyRead)

    @extend_schema(parameters=[PayoutFilter], responses=PayoutOutput(many=True))
    def get(self, request: Request) -> Response:
        rows = _list_visible(request).filter(**PayoutFilter.read(request))
        return paginate(request, rows, render_payout)


class PayoutView(APIView):
    """With its lines, paged as lists are."""

    permission_classes = (may(Permission.PAYMENT_READ), ClientsOnlyRead)

    @extend_schema(responses=PayoutWithLines)
    def get(self, request: Request, payout_id: str) -> Response:
        payout = get_object_or_404(_list_visible(request), public_id=payout_id)
        lines = payout.lines.select_related("entry__transaction", "movement__payment")
        page = paginate(request, lines, lambda line: dict(PayoutLineOutput(line).data))
        body = {"lines": page.data["data"], "pagination": page.data["pagination"]}
        return Response({**render_payout(payout), **body})


class UpcomingView(APIView):
    permission_classes = (may(Permission.PAYMENT_READ), ClientsOnlyRead)

    @extend_schema(responses=UpcomingOutput(many=True))
    def get(self, request: Request) -> Response:
        visible = Barber.objects.visible_to(get_person(request)).order_by("pk")
        barber_ids = list(visible.values_list("pk", flat=True)[:MOST_UPCOMING])
        payables = list_payables(now=timezone.now(), barber_ids=barber_ids)
        return Response({"data": [render_payable(payable) for payable in payables]})


def render_payout(payout: Payout) -> dict[str, Any]:
    return dict(PayoutOutput(payout).data)


def render_payable(payable: Payable) -> dict[str, Any]:
    return dict(UpcomingOutput(payable).data)


def _list_visible(request: Request) -> QuerySet[Payout]:
    return Payout.objects.visible_to(get_person(request)).select_related("destination")
