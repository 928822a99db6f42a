"""What requests about payments must look like, and what answers look like."""

from typing import Any, ClassVar

from rest_framework import serializers

from bookedbarber.foundation.api.fields import MoneyText, StrictSerializer
from bookedbarber.foundation.api.filters import LARGEST_ID, ListFilter

from ..states import ClientPreference, PaymentState
from .fields import AmountText, RateText, Tokens


class RouteInput(StrictSerializer):
    appointment_id = serializers.IntegerField(min_value=1, max_value=LARGEST_ID, required=False)
    barber_id = serializers.IntegerField(min_value=1, max_value=LARGEST_ID, required=False)
    amount = AmountText()
    currency = serializers.CharField(min_length=3, max_length=3, required=False)
    client_preference = serializers.ChoiceField(choices=ClientPreference.choices, required=False)
    available = serializers.ListField(required=False, max_length=20)

    def validate_available(self, value: list[Any]) -> list[str]:
        """Accounts as text; numbers are connection ids."""
        if any(isinstance(item, bool) or not isinstance(item, str | int) for item in value):
            raise serializers.ValidationError('Account names such as "platform" or 5 are needed.')
        return [str(item) for item in value]


class ProcessInput(RouteInput):
    payment_methods = Tokens(required=False)
    tip_amount = AmountText(required=False)
    visit_part = serializers.IntegerField(min_value=1, max_value=99, required=False)
    metadata = serializers.DictField(
        child=serializers.CharField(max_length=500, allow_blank=True), required=False
    )

    def validate_metadata(self, value: dict[str, str]) -> dict[str, str]:
        if len(value) > 20 or any(not 0 < len(name) <= 40 for name in value):
            raise serializers.ValidationError("At most 20 names of 1 to 40 characters.")
        return value


class PaymentFilter(ListFilter):
    LOOKUPS: ClassVar = {"status": "state", "barber_id": "barber_id"}

    status = serializers.ChoiceField(choices=PaymentState.choices, required=False)
    barber_id = serializers.IntegerField(min_value=1, max_value=LARGEST_ID, required=False)


class CandidateOutput(serializers.Serializer[Any]):
    connection_id = serializers.IntegerField()
    processor = serializers.CharField()
    usable = serializers.BooleanField()
    reason = serializers.CharField(allow_null=True)


class EstimatedFees(serializers.Serializer[Any]):
    processing_fee = MoneyText()
    commission_fee = MoneyText()
    total_fees = MoneyText()
    net_amount = MoneyText()
    is_estimate = serializers.BooleanField()


class RouteLeg(serializers.Serializer[Any]):
    connection_id = serializers.IntegerField()
    amount = MoneyText()


class RoutingDetails(serializers.Serializer[Any]):
    payment_mode = serializers.CharField()
    commission_rate = RateText()
    fallback_available = serializers.BooleanField()
    legs = RouteLeg(many=True)


class RouteOutput(serializers.Serializer[Any]):
    routing_decision = serializers.CharField()
    recommended_processor = serializers.CharField()
    connection_id = serializers.IntegerField()
    reason = serializers.CharField()
    explanation = serializers.CharField()
    candidates = CandidateOutput(many=True)
    routing_details = RoutingDetails()
    estimated_fees = EstimatedFees()


class TestRoutingOutput(RouteOutput):
    would_succeed = serializers.BooleanField()


class LegOutput(serializers.Serializer[Any]):
    id = serializers.CharField()
    role = serializers.CharField()
    connection_id = serializers.IntegerField()
    processor = serializers.CharField()
    status = serializers.CharField()
    amount = MoneyText()
    external_id = serializers.CharField()


class FailureOutput(serializers.Serializer[Any]):
    kind = serializers.CharField()
    code = serializers.CharField()
    message = serializers.CharField()


class NextActionOutput(serializers.Serializer[Any]):
    type = serializers.CharField()
    client_secret = serializers.CharField()
    return_url = serializers.CharField()


class PaymentOutput(serializers.Serializer[Any]):
    payment_id = serializers.CharField()
    status = serializers.CharField()
    payment_type = serializers.CharField()
    amount = MoneyText()
    tip_amount = MoneyText()
    currency = serializers.CharField()
    processing_fee = MoneyText()
    processing_fee_is_estimate = serializers.BooleanField()
    net_amount = MoneyText()
    commission_amount = MoneyText()
    commission_collected = serializers.BooleanField()
    routing_decision = serializers.CharField()
    external_processor = serializers.CharField(allow_null=True)
    barber_id = serializers.IntegerField()
    appointment_id = serializers.IntegerField(allow_null=True)
    visit_part = serializers.IntegerField()
    created_at = serializers.DateTimeField()
    processed_at = serializers.DateTimeField(allow_null=True)
    failure = FailureOutput(allow_null=True)
    next_action = NextActionOutput(allow_null=True)
    checkout_url = serializers.CharField(allow_null=True)
    legs = LegOutput(many=True)
    routing_details = serializers.DictField()
    metadata = serializers.DictField()
