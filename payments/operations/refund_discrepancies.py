"""Differences about refunds that a person must look at."""

from ..models import Refund
from ..states import DiscrepancyKind
from .discrepancies import open_discrepancy


def report_unknown_refund(*, refund: Refund) -> None:
    """Hand a refund that the processor says nothing about to a person, once."""
    open_discrepancy(
        DiscrepancyKind.REFUND_UNKNOWN,
        connection_id=refund.connection_id,
        leg_id=refund.leg_id,
        explanation=(
            "The processor was asked for a day and did not say what became of "
            f"{refund.public_id}, a refund of {refund.amount}."
        ),
    )


def report_failed_compensation(*, refund: Refund) -> None:
    """The payer has paid for what failed, and the processor does not give it back."""
    open_discrepancy(
        DiscrepancyKind.COMPENSATION_FAILED,
        connection_id=refund.connection_id,
        leg_id=refund.leg_id,
        explanation=(
            f"{refund.amount} of a payment that failed could not be given back "
            f"({refund.failure_code}: {refund.failure_message}); refund it by hand."
        ),
    )


def report_money_on_closed_refund(*, refund: Refund, external_id: str) -> None:
    """The processor gave money back for a refund that it had refused."""
    open_discrepancy(
        DiscrepancyKind.MONEY_ON_CLOSED_REFUND,
        connection_id=refund.connection_id,
        leg_id=refund.leg_id,
        explanation=(
            f"{refund.public_id} was {refund.state}, and yet the processor made it: {external_id}."
        ),
    )
