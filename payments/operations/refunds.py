"""One refund through one leg: built, sent (`refund_sending`), settled.

Claim → commit → call → settle: save what `build_refund` returns in a transaction of the caller's,
commit, `send_refund` with no transaction open, then `settle_refund`. A crash in between leaves a
row that is asked about.
"""

from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Q, Sum
from django.utils import timezone

from bookedbarber.foundation import idempotency
from bookedbarber.foundation.database import retry_transaction
from bookedbarber.foundation.idempotency import KeyedRequest
from bookedbarber.foundation.jobs import enqueue_on_commit
from bookedbarber.foundation.money import Money
from bookedbarber.foundation.transitions import move

from ..models import Payment, PaymentLeg, Refund
from ..states import (
    CLOSED_LEG_STATES,
    CLOSED_REFUND_STATES,
    OPEN_REFUND_STATES,
    FailureKind,
    RefundState,
)
from .movements import MovementFact, record_movements
from .refund_discrepancies import report_failed_compensation
from .refund_sending import RefundEvidence, send_refund

__all__ = ["RefundEvidence", "build_refund", "count_refunds", "send_refund", "settle_refund"]


def build_refund(
    leg: PaymentLeg,
    *,
    amount: Money,
    reason: str,
    by: str,
    now: datetime,
    request: Refund | None = None,
    is_compensation: bool = False,
) -> Refund:
    """A refund that is about to be sent; not saved yet.

    `request` is the first part of the same request, itself where it is None. `is_compensation`:
    it undoes a payment that failed, and counts neither as refunded nor as reserved.
    """
    refund = Refund(
        payment_id=leg.payment_id,
        leg=leg,
        amount_minor=amount.amount_minor,
        currency=amount.currency,
        reason=reason,
        state=RefundState.SUBMITTED,
        is_compensation=is_compensation,
        # By the real clock, which the sweeper compares with, whatever day the refund is dated.
        lease_until=timezone.now() + timedelta(seconds=settings.CHARGE_LEASE_SECONDS),
        created_by=by,
        created_at=now,
    )
    refund.request_id = refund.public_id if request is None else request.request_id
    return refund


@retry_transaction
def settle_refund(
    *,
    refund: Refund,
    evidence: RefundEvidence,
    by: str,
    now: datetime,
    keyed: KeyedRequest | None = None,
) -> Refund:
    """Bring a refund, its payment's figures and the books to what the evidence says.

    One transaction; repeating it changes nothing, and older word about a final refund neither. One
    that succeeded can still fail, and then its amount can be refunded again. With `keyed`, the
    answer is frozen when all parts of the request are final, else the key's lease ends.
    """
    payment = Payment.objects.select_for_update(of=["self"]).get(pk=refund.payment_id)
    row = (
        Refund.objects.select_for_update(of=["self"])
        .select_related("leg__connection")
        .get(pk=refund.pk)
    )
    _move_refund(row, evidence, by, now)
    count_refunds(payment=payment)
    connection = row.leg.connection
    facts = [MovementFact(connection, movement) for movement in evidence.movements]
    if facts:
        record_movements(facts, by=by, now=now)
    if keyed is not None:
        _answer(keyed, row, now)
    return row


def count_refunds(*, payment: Payment) -> None:
    """Bring what a locked payment says of its refunds to what their rows say.

    A refund made elsewhere may take what one of ours has reserved: the processor will refuse ours.
    """
    sums = (
        Refund.objects.filter(payment=payment)
        .of_payers()
        .aggregate(
            refunded=Sum("amount_minor", filter=Q(state=RefundState.SUCCEEDED), default=0),
            reserved=Sum(
                "amount_minor",
                filter=Q(state__in=sorted(OPEN_REFUND_STATES)),
                default=0,
            ),
        )
    )
    refunded = min(sums["refunded"], payment.amount_minor)
    reserved = min(sums["reserved"], payment.amount_minor - refunded)
    if (refunded, reserved) == (payment.refunded_minor, payment.reserved_refund_minor):
        return
    payment.refunded_minor, payment.reserved_refund_minor = refunded, reserved
    payment.save(update_fields=["refunded_minor", "reserved_refund_minor"])


def _move_refund(row: Refund, evidence: RefundEvidence, by: str, now: datetime) -> None:
    to = _get_next_state(row, evidence)
    if to is None:
        return
    changes = _get_changes(row, evidence, to, now)
    if row.state == to:
        Refund.objects.filter(pk=row.pk).update(**changes)
        return
    move(row, to, by=by, reason=evidence.message or evidence.code, **changes)
    if evidence.failure_kind == FailureKind.CREDENTIALS:
        # Confirmed by a call of its own, off this path, before the connection counts as expired.
        enqueue_on_commit("payments.check_connection", connection_id=row.leg.connection_id)
    is_of_closed_leg = row.leg.state in CLOSED_LEG_STATES  # its money has its own discrepancy
    if row.is_compensation and to in CLOSED_REFUND_STATES and not is_of_closed_leg:
        report_failed_compensation(refund=row)


def _get_next_state(row: Refund, evidence: RefundEvidence) -> RefundState | None:
    """None where this is older word than what is known."""
    state, to = RefundState(row.state), evidence.outcome
    if to == RefundState.UNKNOWN and (state == RefundState.PENDING or row.next_check_at):
        return state
    if state == RefundState.SUCCEEDED and to == RefundState.CANCELED:
        return RefundState.FAILED
    is_asked_again = state == to and row.next_check_at is not None
    return to if is_asked_again or to in Refund.TRANSITIONS[state] else None


def _get_changes(
    row: Refund, evidence: RefundEvidence, to: RefundState, now: datetime
) -> dict[str, object]:
    changes: dict[str, object] = {
        "lease_until": None,
        "next_check_at": None,
        "is_unanswered": evidence.is_unanswered,
    }
    if evidence.external_id:
        changes["external_id"] = evidence.external_id
    if to == RefundState.PENDING or evidence.outcome == RefundState.UNKNOWN:
        changes["next_check_at"] = row.get_next_check(now=now)
    if evidence.failure_kind is not None:
        changes["failure_kind"] = evidence.failure_kind
        changes["failure_code"] = evidence.code[:100]
        changes["failure_message"] = evidence.message
    return changes


def _answer(keyed: KeyedRequest, row: Refund, now: datetime) -> None:
    if Refund.objects.filter(request__public_id=row.request_id).open().exists():
        idempotency.release(keyed, now=now)
    else:
        idempotency.keep_answer(keyed, row)
