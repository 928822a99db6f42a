"""What is heard of refunds: ours and those made in the processor's own dashboard.

One that carries our reference, on the leg's account and for its payment and amount, is ours, even
when its news comes before the answer to our call. Stripe keeps the reference in the metadata,
Square at the end of the reason: it has no other place, and names no idempotency key.
"""

from datetime import datetime

from django.db.models import Q

from bookedbarber.foundation.database import retry_transaction
from processors.contract import Refunds, RefundStatement
from processors.models import Connection
from processors.registry import get_adapter

from ..models import Payment, PaymentLeg, Refund
from ..states import (
    CLOSED_LEG_STATES,
    CLOSED_REFUND_STATES,
    OPEN_REFUND_STATES,
    PaymentState,
    RefundState,
)
from .movements import MovementFact, record_movements
from .refund_discrepancies import report_money_on_closed_refund
from .refund_sending import RefundEvidence, to_refund_evidence
from .refunds import settle_refund


def hear_of_refund(
    *, connection: Connection, external_id: str, by: str, now: datetime
) -> Refund | None:
    """Ask the processor about a refund by its name, and note what it says. No transaction is open.

    :raises RequestRefused, CredentialsRefused, ProcessorNotReached, AnswerLost: no statement.
    """
    account = get_adapter(connection.get_access(), Refunds)
    statement = account.retrieve_refund(external_id)
    return note_refund(connection=connection, statement=statement, by=by, now=now)


@retry_transaction
def note_refund(
    *, connection: Connection, statement: RefundStatement, by: str, now: datetime
) -> Refund | None:
    """Bring our records to what a processor says of a refund on this account.

    Safe to repeat, in any order, and beside our own call: a refund that is not ours gets a row of
    its own, once, born in the state reported, and counts against its payment. None where no leg of
    ours is concerned: then only its movements are recorded, and an abridged statement should be
    replaced by `hear_of_refund`. A refund of ours with an abridged one is asked about soon.
    """
    leg = _find_leg(connection, statement)
    if leg is None:
        facts = [MovementFact(connection, movement) for movement in statement.movements]
        if facts:
            record_movements(facts, by=by, now=now)
        return None
    payment = Payment.objects.select_for_update(of=["self"]).get(pk=leg.payment_id)
    row = _find_row(leg, statement) or _bear(payment, leg, statement, by)
    if statement.is_abridged:
        return _ask_soon(row, statement, by, now)
    return settle_refund(refund=row, evidence=to_refund_evidence(statement), by=by, now=now)


def _find_leg(connection: Connection, statement: RefundStatement) -> PaymentLeg | None:
    if not statement.payment_external_id:
        return None
    return PaymentLeg.objects.filter(
        connection=connection, external_id=statement.payment_external_id
    ).first()


def _find_row(leg: PaymentLeg, statement: RefundStatement) -> Refund | None:
    """By its name, or by our reference while the name is not known to us."""
    ours = Q(
        public_id=statement.our_reference,
        external_id="",
        amount_minor=statement.amount.amount_minor,
        currency=statement.amount.currency,
        state__in=sorted(OPEN_REFUND_STATES),
    )
    named = Q(external_id=statement.external_id)
    return Refund.objects.filter(ours | named, leg=leg).order_by("external_id").last()


def _bear(payment: Payment, leg: PaymentLeg, statement: RefundStatement, by: str) -> Refund:
    """The row of a refund that we did not ask for, or that we had given up."""
    if statement.state.value not in CLOSED_REFUND_STATES:
        _report_given_up(leg, statement)
    evidence = to_refund_evidence(statement)
    row = Refund(
        payment=payment,
        leg=leg,
        amount_minor=statement.amount.amount_minor,
        currency=statement.amount.currency,
        reason=statement.reason[:500],
        state=RefundState.SUCCEEDED if statement.is_abridged else evidence.outcome,
        is_compensation=_undoes(payment, leg),
        is_foreign=True,
        external_id=statement.external_id,
        failure_kind=evidence.failure_kind or "",
        failure_code=evidence.code[:100],
        failure_message=evidence.message,
        created_by=by,
        created_at=statement.occurred_at,
    )
    row.request_id = row.public_id
    row.save(force_insert=True)
    return row


def _undoes(payment: Payment, leg: PaymentLeg) -> bool:
    """Whether it gives back what its payment has not taken."""
    is_off = payment.state in {PaymentState.FAILED, PaymentState.CANCELED}
    return is_off or leg.state in CLOSED_LEG_STATES


def _report_given_up(leg: PaymentLeg, statement: RefundStatement) -> None:
    given_up = Refund.objects.filter(
        leg=leg, public_id=statement.our_reference, state__in=sorted(CLOSED_REFUND_STATES)
    ).first()
    if given_up is not None:
        report_money_on_closed_refund(refund=given_up, external_id=statement.external_id)


def _ask_soon(row: Refund, statement: RefundStatement, by: str, now: datetime) -> Refund:
    """What it says has happened, and when the sweeper asks for the rest."""
    evidence = RefundEvidence(
        outcome=RefundState.SUCCEEDED,
        external_id=statement.external_id,
        movements=statement.movements,
    )
    settled = settle_refund(refund=row, evidence=evidence, by=by, now=now)
    if settled.state == RefundState.SUCCEEDED:
        settled.next_check_at = now
        settled.save(update_fields=["next_check_at"])
    return settled
