"""Giving back the later one of two sales that are one visit."""

from datetime import datetime

from bookedbarber.foundation.errors import Conflict

from ...models import Discrepancy, ExternalTransaction, PaymentLeg
from ...states import CLOSED_REFUND_STATES, TransactionKind
from ..refund_requests import request_refund
from .refunding import NotRefunded, only_refund_of, refund_rest


class SaleDisputed(Conflict):
    """The payer's bank has taken the money back and decides about it: refund nothing now."""


def refund_visit(*, discrepancy: Discrepancy, reason: str, by: str, now: datetime) -> None:
    """Refund what is left of the sale that the discrepancy names.

    One of our payments is refunded as such, a terminal's sale at its processor. Safe to repeat.
    No transaction is open.

    :raises SaleDisputed: it is in dispute.
    :raises CannotBeRefunded: it is a payment of ours that is not completed.
    :raises RefundUnderWay: somebody else is refunding it.
    :raises NotRefunded: the refund failed, or a part of it; nothing of that moved.
    :raises RequestRefused, CredentialsRefused, ProcessorNotReached: nothing moved.
    :raises AnswerLost: money may have moved; repeat it.
    """
    sale = ExternalTransaction.objects.select_related("connection").get(
        connection_id=discrepancy.connection_id,
        kind=TransactionKind.CHARGE,
        external_id=discrepancy.external_id,
    )
    with only_refund_of(sale.pk):
        if sale.get_disputed():
            raise SaleDisputed
        if leg := _find_leg(sale):
            _refund_payment(leg, reason=reason, by=by, now=now)
        else:
            refund_rest(charge=sale, discrepancy=discrepancy, reason="Paid twice", by=by, now=now)


def _find_leg(sale: ExternalTransaction) -> PaymentLeg | None:
    legs = PaymentLeg.objects.select_related("payment")
    return legs.filter(connection=sale.connection, external_id=sale.group_id).first()


def _refund_payment(leg: PaymentLeg, *, reason: str, by: str, now: datetime) -> None:
    payment = leg.payment
    if payment.refunded_minor + payment.reserved_refund_minor >= payment.amount_minor:
        return
    refund = request_refund(payment=payment, amount=None, reason=reason, by=by, now=now).refund
    if failed := refund.parts.filter(state__in=sorted(CLOSED_REFUND_STATES)).first():
        raise NotRefunded(failed.failure_message or None, refund=failed.public_id)
