"""Disputes of every processor in one list."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from bookedbarber.accounts.api.authentication import get_person
from bookedbarber.accounts.api.permissions import ClientsOnlyRead, may
from bookedbarber.accounts.roles import Permission
from bookedbarber.foundation.api.fields import MoneyText
from bookedbarber.foundation.api.filters import LARGEST_ID, ListFilter
from bookedbarber.foundation.api.pagination import paginate

from ..models import Dispute
from ..states import DisputeState


class DisputeFilter(ListFilter):
    MOMENT = "opened_at"
    LOOKUPS: ClassVar = {"status": "state", "barber_id": "barber_id", "due_before": "due_by__lt"}

    status = serializers.ChoiceField(choices=DisputeState.choices, required=False)
    due_before = serializers.DateTimeField(required=False)
    barber_id = serializers.IntegerField(min_value=1, max_value=LARGEST_ID, required=False)


class DisputeOutput(serializers.Serializer[Any]):
    """`withdrawn_amount` is what the processor has taken for it and not given back."""

    dispute_id = serializers.CharField(source="public_id")
    barber_id = serializers.IntegerField(allow_null=True)
    payment_id = serializers.CharField(source="payment.public_id", default=None, allow_null=True)
    connection_id = serializers.IntegerField()
    processor = serializers.CharField(source="connection.processor")
    external_id = serializers.CharField()
    charge_external_id = serializers.CharField()
    status = serializers.CharField(source="state")
    reason = serializers.CharField()
    amount = MoneyText()
    withdrawn_amount = MoneyText(source="withdrawn")
    currency = serializers.CharField()
    due_by = serializers.DateTimeField(allow_null=True)
    opened_at = serializers.DateTimeField()


class DisputesView(APIView):
    permission_classes = (may(Permission.PAYMENT_READ), ClientsOnlyRead)

    @extend_schema(parameters=[DisputeFilter], responses=DisputeOutput(many=True))
    def get(self, request: Request) -> Response:
        rows = _list_visible(request).filter(**DisputeFilter.read(request))
        return paginate(request, rows, render_dispute)


class DisputeView(APIView):
    permission_classes = (may(Permission.PAYMENT_READ), ClientsOnlyRead)

    @extend_schema(responses=DisputeOutput)
    def get(self, request: Request, dispute_id: str) -> Response:
        dispute = get_object_or_404(_list_visible(request), public_id=dispute_id)
        return Response(render_dispute(dispute))


def render_dispute(dispute: Dispute) -> dict[str, Any]:
    return dict(DisputeOutput(dispute).data)


def _list_visible(request: Request) -> QuerySet[Dispute]:
    visible = Dispute.objects.visible_to(get_person(request)).with_withdrawn()
    return visible.select_related("connection", "payment")
