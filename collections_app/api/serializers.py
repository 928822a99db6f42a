"""What requests about collections must look like, and what answers look like."""

from typing import Any, ClassVar

from rest_framework import serializers

from bookedbarber.foundation.api.fields import MoneyText, StrictSerializer
from bookedbarber.foundation.api.filters import LARGEST_ID, ListFilter
from payments.api.fields import RateText

from ..forms.collections import LONGEST_REASON
from ..queries.summaries import PERIODS
from ..states import CollectionMethod, CollectionState

# What can be tried again; paid by hand is noted by an operator.
RETRY_METHODS = [
    CollectionMethod.CARD,
    CollectionMethod.BANK_DEBIT,
    CollectionMethod.PAYOUT_DEDUCTION,
]


class CollectionFilter(ListFilter):
    LOOKUPS: ClassVar = {"status": "state", "barber_id": "barber_id"}

    status = serializers.ChoiceField(choices=CollectionState.choices, required=False)
    barber_id = serializers.IntegerField(min_value=1, max_value=LARGEST_ID, required=False)


class SummaryFilter(StrictSerializer):
    period = serializers.ChoiceField(choices=sorted(PERIODS), default="30_days")
    barber_id = serializers.IntegerField(min_value=1, max_value=LARGEST_ID, required=False)


class ReasonInput(StrictSerializer):
    reason = serializers.CharField(max_length=LONGEST_REASON)


class ContestInput(ReasonInput):
    line_id = serializers.IntegerField(min_value=1, max_value=LARGEST_ID, required=False)


class RetryInput(StrictSerializer):
    collection_method = serializers.ChoiceField(choices=RETRY_METHODS, required=False)
    retry_reason = serializers.CharField(max_length=LONGEST_REASON)


class NothingInput(StrictSerializer):
    """No field at all."""


class CollectionOutput(serializers.Serializer[Any]):
    collection_id = serializers.CharField(source="public_id")
    barber_id = serializers.IntegerField()
    collection_type = serializers.CharField(source="kind")
    status = serializers.CharField(source="state")
    amount = MoneyText()
    currency = serializers.CharField()
    period_start = serializers.DateField()
    period_end = serializers.DateField(help_text="The day after the last.")
    line_count = serializers.IntegerField()
    contest_until = serializers.DateTimeField()
    due_at = serializers.DateTimeField()
    next_attempt_at = serializers.DateTimeField(allow_null=True)
    attempt_count = serializers.IntegerField()
    failure_code = serializers.CharField()
    failure_message = serializers.CharField()
    created_at = serializers.DateTimeField()
    collected_at = serializers.DateTimeField(allow_null=True)


class AttemptOutput(serializers.Serializer[Any]):
    attempt_id = serializers.CharField(source="public_id")
    number = serializers.IntegerField()
    method = serializers.CharField()
    status = serializers.CharField(source="state")
    amount = MoneyText()
    currency = serializers.CharField()
    failure_class = serializers.CharField()
    failure_code = serializers.CharField()
    failure_message = serializers.CharField()
    created_at = serializers.DateTimeField()
    settled_at = serializers.DateTimeField(allow_null=True)


class RelatedTransaction(serializers.Serializer[Any]):
    """A line: what is collected and the sale it is of; what has no sale leaves that empty."""

    line_id = serializers.IntegerField(source="line.pk")
    status = serializers.CharField(source="line.state")
    amount = MoneyText(source="line.amount")
    accrual_id = serializers.IntegerField(source="accrual.pk")
    kind = serializers.CharField(source="accrual.kind")
    step = serializers.IntegerField(source="accrual.revision")
    reason = serializers.CharField(source="accrual.reason")
    transaction_id = serializers.IntegerField(source="sale.pk", default=None, allow_null=True)
    payment_id = serializers.CharField(
        source="sale.payment.public_id", default=None, allow_null=True
    )
    processor = serializers.CharField(
        source="sale.connection.processor", default=None, allow_null=True
    )
    external_id = serializers.CharField(source="sale.external_id", default=None, allow_null=True)
    occurred_at = serializers.DateTimeField(
        source="sale.occurred_at", default=None, allow_null=True
    )
    sale_amount = MoneyText(default=None, allow_null=True)
    tip_amount = MoneyText(source="tip", default=None, allow_null=True)
    commission_base = MoneyText(source="base", default=None, allow_null=True)
    commission_rate = RateText(source="rate", default=None, allow_null=True)
    rate_origin = serializers.CharField()
    rate_config_id = serializers.IntegerField(source="version.pk", default=None, allow_null=True)
    contest_reason = serializers.CharField(source="line.contest_reason")
    contest_decision = serializers.CharField(source="line.decision")


class BreakdownOutput(serializers.Serializer[Any]):
    kind = serializers.CharField()
    count = serializers.IntegerField()
    amount = MoneyText()


class CollectionDetail(CollectionOutput):
    related_transactions = RelatedTransaction(many=True)
    collection_breakdown = BreakdownOutput(many=True)
    attempts = AttemptOutput(many=True)
    pagination = serializers.DictField(help_text="Of the related transactions.")


class PositionOutput(serializers.Serializer[Any]):
    """`outstanding` is in no collection yet; below zero it is a credit."""

    currency = serializers.CharField(source="outstanding.currency")
    outstanding = MoneyText()
    contested = MoneyText()
    collecting = MoneyText()
    owed = MoneyText()
    next_collection_id = serializers.CharField(
        source="next_collection.public_id", default=None, allow_null=True
    )


class TallyOutput(serializers.Serializer[Any]):
    name = serializers.CharField()
    count = serializers.IntegerField()
    amount = MoneyText()


class TrendOutput(serializers.Serializer[Any]):
    """`change` in percent; null when there was nothing before."""

    name = serializers.CharField()
    currency = serializers.CharField(source="trend.now.currency")
    now = MoneyText(source="trend.now")
    before = MoneyText(source="trend.before")
    change = RateText(source="trend.change", allow_null=True)


class CurrencyTallies(serializers.Serializer[Any]):
    currency = serializers.CharField()
    entries = TallyOutput(many=True)


class CollectionSummary(PositionOutput):
    by_status = TallyOutput(many=True)


class SummaryOutput(serializers.Serializer[Any]):
    period = serializers.CharField()
    since = serializers.DateTimeField()
    until = serializers.DateTimeField()
    collection_summary = CollectionSummary(many=True)
    commission_breakdown = CurrencyTallies(many=True)
    trends = TrendOutput(many=True)
