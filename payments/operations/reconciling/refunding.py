"""Giving back the later one of two sales that are one visit."""

from datetime import datetime, timedelta

from bookedbarber.foundation.errors import Conflict
from processors.contract import RefundRequest, Refunds, RefundState, RefundStatement
from processors.registry import get_adapter

from ...models import Discrepancy, ExternalTransaction, PaymentLeg, Refund
from ...states import OPEN_REFUND_STATES, TransactionKind
from ...states import RefundState as OurState
from ..refund_news import note_refund
from ..refund_requests import request_refund

# The money is the account's again.
DEAD = frozenset({RefundState.FAILED, RefundState.CANCELED})


class VisitNotRefunded(Conflict):
    """The sale was not given back."""


def refund_visit(*, discrepancy: Discrepancy, reason: str, by: str, now: datetime) -> None:
    """Refund the sale that the discrepancy names, through its payment where it is one of ours.

    Safe to repeat: for a terminal sale the discrepancy is the intent, its id the reference and
    idempotency key; the processor's list is asked for it first. No transaction is open.

    :raises VisitNotRefunded: it failed; nothing moved.
    :raises RequestRefused, CredentialsRefused, ProcessorNotReached: nothing moved.
    :raises AnswerLost: money may have moved; repeat it.
    """
    sale = ExternalTransaction.objects.select_related("connection").get(
        connection_id=discrepancy.connection_id,
        kind=TransactionKind.CHARGE,
        external_id=discrepancy.external_id,
    )
    leg = PaymentLeg.objects.select_related("payment").filter(
        connection=sale.connection, external_id=sale.group_id
    )
    if own := leg.first():
        _refund_payment(own, reason=reason, by=by, now=now)
    else:
        _refund_terminal_sale(sale, discrepancy, by=by, now=now)


def _refund_payment(leg: PaymentLeg, *, reason: str, by: str, now: datetime) -> None:
    taken = Refund.objects.filter(
        payment=leg.payment,
        state__in=[*OPEN_REFUND_STATES, OurState.SUCCEEDED],
        is_compensation=False,
    )
    if taken.exists():
        return
    request_refund(payment=leg.payment, amount=None, reason=reason, by=by, now=now)


def _refund_terminal_sale(
    sale: ExternalTransaction, discrepancy: Discrepancy, *, by: str, now: datetime
) -> None:
    account = get_adapter(sale.connection.get_access(), Refunds)
    request = RefundRequest(
        reference=discrepancy.public_id,
        payment_external_id=sale.group_id,
        amount=sale.amount,
        reason="Paid twice",
    )
    since = discrepancy.opened_at - timedelta(hours=1)
    statement = account.find_refund(request, since=since) or account.refund(request)
    note_refund(connection=sale.connection, statement=statement, by=by, now=now)
    check_refunded(statement)


def check_refunded(statement: RefundStatement) -> None:
    """
    :raises VisitNotRefunded: it failed, or was canceled.
    """
    if statement.state in DEAD:
        raise VisitNotRefunded(statement.failure_message or None, refund=statement.external_id)
