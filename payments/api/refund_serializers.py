"""What requests about refunds must look like, and what answers look like."""

from typing import Any, ClassVar

from rest_framework import serializers

from bookedbarber.foundation.api.fields import MoneyText, StrictSerializer
from bookedbarber.foundation.api.filters import ListFilter

from ..rules.refunds import LONGEST_REASON
from ..states import RefundState, RefundStatus
from .fields import AmountText
from .serializers import FailureOutput


class RefundInput(StrictSerializer):
    payment_id = serializers.CharField(max_length=40)
    amount = AmountText(required=False)
    currency = serializers.CharField(min_length=3, max_length=3, required=False)
    reason = serializers.CharField(max_length=LONGEST_REASON, required=False, allow_blank=True)


class RefundFilter(ListFilter):
    LOOKUPS: ClassVar = {"payment_id": "payment__public_id", "status": "state"}

    payment_id = serializers.CharField(max_length=40, required=False)
    status = serializers.ChoiceField(choices=RefundState.choices, required=False)


class RefundPartOutput(serializers.Serializer[Any]):
    id = serializers.CharField()
    leg_id = serializers.CharField()
    role = serializers.CharField()
    connection_id = serializers.IntegerField()
    processor = serializers.CharField()
    status = serializers.ChoiceField(choices=RefundState.choices)
    amount = MoneyText()
    external_id = serializers.CharField()
    failure = FailureOutput(allow_null=True)


class RefundOutput(serializers.Serializer[Any]):
    refund_id = serializers.CharField()
    payment_id = serializers.CharField()
    status = serializers.ChoiceField(choices=RefundStatus.choices)
    amount = MoneyText()
    refunded_amount = MoneyText()
    currency = serializers.CharField()
    reason = serializers.CharField()
    made_at_processor = serializers.BooleanField()
    undoes_failed_payment = serializers.BooleanField()
    created_at = serializers.DateTimeField()
    failure = FailureOutput(allow_null=True)
    parts = RefundPartOutput(many=True)
