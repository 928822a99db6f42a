"""Differences about refunds that a person must look at."""

from ..models import Discrepancy, Refund
from ..states import DiscrepancyKind


def report_unknown_refund(*, refund: Refund) -> None:
    """Hand a refund that the processor says nothing about to a person, once."""
    _report(
        refund,
        DiscrepancyKind.REFUND_UNKNOWN,
        f"The processor was asked for a day and did not say what became of {refund.public_id}, "
        f"a refund of {refund.amount}.",
    )


def report_failed_compensation(*, refund: Refund) -> None:
    """The payer has paid for what failed, and the processor does not give it back."""
    _report(
        refund,
        DiscrepancyKind.COMPENSATION_FAILED,
        f"{refund.amount} of a payment that failed could not be given back "
        f"({refund.failure_code}: {refund.failure_message}); refund it by hand.",
    )


def report_money_on_closed_refund(*, refund: Refund, external_id: str) -> None:
    """The processor gave money back for a refund that it had refused."""
    _report(
        refund,
        DiscrepancyKind.MONEY_ON_CLOSED_REFUND,
        f"{refund.public_id} was {refund.state}, and yet the processor made it: {external_id}.",
    )


def _report(refund: Refund, kind: DiscrepancyKind, explanation: str) -> None:
    row = Discrepancy(
        kind=kind,
        leg_id=refund.leg_id,
        connection_id=refund.leg.connection_id,
        explanation=explanation,
    )
    Discrepancy.objects.bulk_create([row], ignore_conflicts=True)
