"""Settling what a reconciliation found: each suggested fix, by operations only.

Nothing that is recorded is changed. To accept the processor's word about a completed movement
makes movements of their own: what was too much of it is taken back (a refund of the charge, the
opposite of a bank payout), what was missing is added (a further charge). Their postings and
accruals follow from those, and a `Correction` says what the movement is compared with from then
on. A fee is corrected by the statement itself, as BOOKS has it: its posting is the next revision.
"""

from collections.abc import Callable
from datetime import datetime

from bookedbarber.accounts.models import Barber
from bookedbarber.foundation.audit import record_audit
from bookedbarber.foundation.database import retry_transaction
from bookedbarber.foundation.errors import Conflict, Invalid
from bookedbarber.foundation.transitions import move

from ..models import Discrepancy, ExternalTransaction
from ..rules.differences import Figures
from ..states import ASKED_ABOUT_STATES, DiscrepancyKind, DiscrepancyState, Fix, TransactionKind
from .discrepancies import ReasonMissing
from .explanations import explain_movement
from .movements import MovementFact, record_movements
from .reconciling.corrections import CorrectionStale, correct
from .reconciling.refunding import refund_visit
from .reconciling.statements import to_movement
from .refund_news import hear_of_refund
from .syncing.followers import hasten_found_legs

__all__ = ["CorrectionStale", "FixNotPossible", "settle_discrepancy"]

_REFUNDS = frozenset({TransactionKind.REFUND, TransactionKind.REFUND_FAILED})


class FixNotPossible(Conflict):
    """This is not settled in that way."""


class BarberMissing(Invalid):
    """barber: say whose sale it was."""


def settle_discrepancy(
    *,
    discrepancy: Discrepancy,
    fix: str,
    by: str,
    now: datetime,
    reason: str = "",
    barber: Barber | None = None,
) -> Discrepancy:
    """Settle a difference by one of its suggested fixes, with an audit entry. Repeatable: settled
    already by the same fix, it is returned as it is.

    `accept_theirs` takes the processor's word over, as this module says; `create` records what is
    missing here through `record_movements` (a refund is asked about first, and noted); `link`
    also says whose sale on the platform's account it was, `barber`; `refund_one` gives the later
    one of two sales back at the processor; `ignore`, with a reason, leaves it: it is not opened
    again while its figures stay.

    :raises FixNotPossible: the fix is not among those suggested; it was settled in another way;
        its leg is still open, and is asked about now.
    :raises CorrectionStale: our record has changed since: reconcile again.
    :raises ReasonMissing: to ignore it needs a reason. :raises BarberMissing: to link, a barber.
    :raises RequestRefused, ProcessorNotReached, AnswerLost, OutcomeUnknown: the processor's answer
        to a question or refund; the item stays open, and the same fix goes on where it was.
    """
    row = Discrepancy.objects.select_related("connection").get(pk=discrepancy.pk)
    if row.state == DiscrepancyState.RESOLVED and row.fix == fix:
        return row
    _check(row, fix, reason=reason, barber=barber, now=now)
    text = reason.strip() or _REASONS[Fix(fix)]
    if fix == Fix.REFUND_ONE:
        _settle(row, fix, record=True, close=False, reason=text, by=by, now=now)
        refund_visit(discrepancy=row, reason=text, by=by, now=now)
        return _settle(row, fix, record=False, close=True, reason=text, by=by, now=now)
    if fix in {Fix.CREATE, Fix.LINK} and row.movement_kind in _REFUNDS:
        _ask_about_refund(row, by=by, now=now)
        return _settle(row, fix, record=False, close=True, reason=text, by=by, now=now)
    return _settle(row, fix, record=True, close=True, reason=text, by=by, now=now, barber=barber)


_REASONS = {
    Fix.ACCEPT_THEIRS: "The processor's word was taken over.",
    Fix.CREATE: "It was recorded.",
    Fix.LINK: "It was recorded and linked to its barber.",
    Fix.REFUND_ONE: "One of the two sales was given back.",
    Fix.IGNORE: "It was ignored.",
}


def _check(
    row: Discrepancy, fix: str, *, reason: str, barber: Barber | None, now: datetime
) -> None:
    if row.state == DiscrepancyState.RESOLVED:
        raise FixNotPossible("It is settled already", fix=row.fix)
    if fix not in row.fixes:
        raise FixNotPossible(f"Not among its fixes: {', '.join(row.fixes) or 'none'}", fix=fix)
    if fix == Fix.IGNORE and not reason.strip():
        raise ReasonMissing(field="reason")
    if fix == Fix.LINK and barber is None:
        raise BarberMissing(field="barber")
    if fix == Fix.CREATE and row.statement is None:
        raise FixNotPossible("The processor does not list it, so there is nothing to record")
    leg = row.leg
    if fix in {Fix.CREATE, Fix.LINK} and leg is not None and leg.state in ASKED_ABOUT_STATES:
        movement = to_movement(row.statement or {})
        hasten_found_legs(connection=row.connection, movements=[movement], now=now)
        raise FixNotPossible(f"{leg.public_id} is {leg.state}: its processor is asked about it now")


@retry_transaction
def _settle(
    found: Discrepancy,
    fix: str,
    *,
    record: bool,
    close: bool,
    reason: str,
    by: str,
    now: datetime,
    barber: Barber | None = None,
) -> Discrepancy:
    """The fix and its end, together; of two at once the second finds it settled."""
    row = Discrepancy.objects.select_for_update(of=["self"]).get(pk=found.pk)
    if row.state == DiscrepancyState.RESOLVED:
        if row.fix != fix:
            raise FixNotPossible("It is settled already", fix=row.fix)
        return row
    if record:
        _ACTS[Fix(fix)](row, reason, by, now)
    if barber is not None and fix == Fix.LINK:
        _link(row, barber, reason=reason, by=by, now=now)
    if close:
        _close(row, fix, reason=reason, by=by, now=now)
    return row


def _accept(row: Discrepancy, reason: str, by: str, now: datetime) -> None:
    if row.kind == DiscrepancyKind.FEE_DIFFERS and _take_statement(row, by, now):
        return
    correct(discrepancy=row, reason=reason, by=by, now=now)


def _take_statement(row: Discrepancy, by: str, now: datetime) -> bool:
    """Whether the statement itself was enough: a fee is corrected by it."""
    known = row.transaction
    if row.statement is None or known is None or known.corrections.exists():
        return False
    _create(row, "", by, now)
    known.refresh_from_db()
    return row.theirs is not None and known.fee_minor == Figures(**row.theirs).fee_minor


def _create(row: Discrepancy, _reason: str, by: str, now: datetime) -> None:
    if row.statement is None:
        return
    movement = to_movement(row.statement)
    record_movements([MovementFact(row.connection, movement)], by=by, now=now)


def _create_visit(row: Discrepancy, reason: str, by: str, now: datetime) -> None:
    """A second sale that is not here yet has been taken all the same."""
    if row.transaction_id is None:
        _create(row, reason, by, now)


def _ignore(row: Discrepancy, reason: str, by: str, now: datetime) -> None:
    if row.kind == DiscrepancyKind.VISIT_PAID_TWICE:
        _create_visit(row, reason, by, now)


_ACTS: dict[Fix, Callable[[Discrepancy, str, str, datetime], None]] = {
    Fix.ACCEPT_THEIRS: _accept,
    Fix.CREATE: _create,
    Fix.LINK: _create,
    Fix.REFUND_ONE: _create_visit,
    Fix.IGNORE: _ignore,
}


def _link(row: Discrepancy, barber: Barber, *, reason: str, by: str, now: datetime) -> None:
    movement = ExternalTransaction.objects.get(
        connection_id=row.connection_id, kind=row.movement_kind, external_id=row.external_id
    )
    explain_movement(movement=movement, barber=barber, reason=reason, by=by, now=now)


def _ask_about_refund(row: Discrepancy, *, by: str, now: datetime) -> None:
    """A refund of a leg of ours has a row beside its movement: what is heard of it makes both."""
    statement = row.statement or {}
    is_return = row.movement_kind == TransactionKind.REFUND_FAILED
    name = statement["parent_external_id"] if is_return else row.external_id
    hear_of_refund(connection=row.connection, external_id=name, by=by, now=now)


def _close(row: Discrepancy, fix: str, *, reason: str, by: str, now: datetime) -> None:
    before = {"kind": row.kind, "ours": row.ours, "theirs": row.theirs}
    move(row, DiscrepancyState.RESOLVED, by=by, reason=reason, resolved_at=now, fix=fix)
    record_audit(
        subject=row.public_id,
        action="discrepancy.settled",
        by=by,
        before=before,
        after={"fix": fix, "external_id": row.external_id},
        reason=reason,
    )
