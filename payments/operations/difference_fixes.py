"""Settling what a reconciliation found: each suggested fix, by operations only.

Nothing that is recorded is changed. To accept the processor's word about a completed movement
makes movements of their own: what was too much of it is taken back (a refund of the charge, the
opposite of a bank payout), what was missing is added (a further charge). Their postings and
accruals follow from those, and a `Correction` says what the movement is compared with from then
on. A fee is corrected by the statement itself, as BOOKS has it: its posting is the next revision.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from bookedbarber.accounts.models import Barber
from bookedbarber.foundation.database import retry_transaction
from bookedbarber.foundation.errors import Conflict

from ..models import Discrepancy, PaymentLeg
from ..rules.differences import Figures
from ..states import ASKED_ABOUT_STATES, DiscrepancyKind, DiscrepancyState, Fix, TransactionKind
from .discrepancies import ReasonMissing, close_discrepancy
from .movements import MovementFact, record_movements
from .reconciling.closed_legs import NotToBeGivenBack, give_back
from .reconciling.corrections import CorrectionStale, correct
from .reconciling.linking import SaleMissing, check_link, link_to_barber, link_to_leg
from .reconciling.missing_parts import NothingThere, ask_about_leg, record_entry, undo_leg
from .reconciling.paid_twice import SaleDisputed, refund_visit
from .reconciling.refunding import NotRefunded, RefundUnderWay
from .reconciling.statements import to_movement
from .refund_news import hear_of_refund
from .syncing.followers import hasten_found_legs

__all__ = [
    "CorrectionStale",
    "FixNotPossible",
    "NotRefunded",
    "NotToBeGivenBack",
    "NothingThere",
    "RefundUnderWay",
    "SaleDisputed",
    "SaleMissing",
    "settle_discrepancy",
]

_REFUNDS = frozenset({TransactionKind.REFUND, TransactionKind.REFUND_FAILED})


class FixNotPossible(Conflict):
    """This is not settled in that way."""


def settle_discrepancy(
    *,
    discrepancy: Discrepancy,
    fix: str,
    by: str,
    now: datetime,
    reason: str = "",
    barber: Barber | None = None,
    leg: PaymentLeg | None = None,
) -> Discrepancy:
    """Settle a difference by one of its suggested fixes, with an audit entry. Repeatable: settled
    already by the same fix, it is returned as it is.

    `accept_theirs` takes the processor's word over, as this module says, or records what only its
    payout names, for which it is asked first; `create` records what is missing here through
    `record_movements` (the processor is asked about a refund, or about a leg without its money,
    first); `link` also says which of our payments it was, `leg`, or on the platform's account
    whose sale, `barber`; `refund_one` gives back what is left of the later one of two sales,
    `refund_it` money on a closed leg, which is still open while the refund is pending; `ignore`,
    with a reason, leaves it: it is not opened again while its figures stay.

    :raises FixNotPossible: the fix is not among those suggested; it was settled in another way;
        its leg is still open, and is asked about now.
    :raises CorrectionStale: our record has changed since: reconcile again.
    :raises ReasonMissing: to ignore it needs a reason. :raises SaleMissing, NotThatPayment: to
        link, a payment or a barber that it can be. :raises NothingThere: asked about a leg or a
        payout's entry, the processor named no payment. :raises NotToBeGivenBack, SaleDisputed,
        RefundUnderWay, NotRefunded: as `give_back` and `refund_visit`.
    :raises RequestRefused, ProcessorNotReached, AnswerLost, OutcomeUnknown: the processor's answer
        to a question or refund; the item stays open, and the same fix goes on where it was.
    """
    row = Discrepancy.objects.select_related("connection").get(pk=discrepancy.pk)
    if row.state == DiscrepancyState.RESOLVED and row.fix == fix:
        return row
    _check(row, fix, reason=reason, now=now)
    if fix == Fix.LINK:
        check_link(row, barber=barber, leg=leg)
    text = reason.strip() or _REASONS[Fix(fix)]
    if fix == Fix.REFUND_IT:
        return give_back(discrepancy=row, reason=text, by=by, now=now)
    if fix == Fix.REFUND_ONE:
        _settle(row, fix, record=True, close=False, reason=text, by=by, now=now)
        refund_visit(discrepancy=row, reason=text, by=by, now=now)
        return _settle(row, fix, record=False, close=True, reason=text, by=by, now=now)
    if _ask_first(row, fix, by=by, now=now):
        return _settle(row, fix, record=False, close=True, reason=text, by=by, now=now)
    links = _Links(barber, leg)
    return _settle(row, fix, record=True, close=True, reason=text, by=by, now=now, links=links)


_REASONS = {
    Fix.ACCEPT_THEIRS: "The processor's word was taken over.",
    Fix.CREATE: "It was recorded.",
    Fix.LINK: "It was recorded and linked to its sale.",
    Fix.REFUND_ONE: "One of the two sales was given back.",
    Fix.REFUND_IT: "The payment had failed",
    Fix.IGNORE: "It was ignored.",
}


@dataclass(frozen=True, slots=True)
class _Links:
    """What a person said it was."""

    barber: Barber | None = None
    leg: PaymentLeg | None = None


_NO_LINKS = _Links()


def _check(row: Discrepancy, fix: str, *, reason: str, now: datetime) -> None:
    if row.state == DiscrepancyState.RESOLVED:
        raise FixNotPossible("It is settled already", fix=row.fix)
    if fix not in row.fixes:
        raise FixNotPossible(f"Not among its fixes: {', '.join(row.fixes) or 'none'}", fix=fix)
    if fix == Fix.IGNORE and not reason.strip():
        raise ReasonMissing(field="reason")
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
    links: _Links = _NO_LINKS,
) -> Discrepancy:
    """The fix and its end, together; of two at once the second finds it settled."""
    row = Discrepancy.objects.select_for_update(of=["self"]).get(pk=found.pk)
    if row.state == DiscrepancyState.RESOLVED:
        if row.fix != fix:
            raise FixNotPossible("It is settled already", fix=row.fix)
        return row
    if record and links.leg is not None and fix == Fix.LINK:
        link_to_leg(row, links.leg, by=by, now=now)
    elif record:
        _ACTS[Fix(fix)](row, reason, by, now)
    if links.barber is not None and links.leg is None and fix == Fix.LINK:
        link_to_barber(row, links.barber, reason=reason, by=by, now=now)
    if close:
        close_discrepancy(discrepancy=row, fix=fix, reason=reason, by=by, now=now)
    return row


def _accept(row: Discrepancy, reason: str, by: str, now: datetime) -> None:
    if row.kind == DiscrepancyKind.FEE_DIFFERS and _take_statement(row, by, now):
        return
    if row.kind == DiscrepancyKind.LEG_WITHOUT_MOVEMENT:
        undo_leg(discrepancy=row, reason=reason, by=by, now=now)
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
        raise FixNotPossible("The processor does not list it, so there is nothing to record")
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


def _ask_first(row: Discrepancy, fix: str, *, by: str, now: datetime) -> bool:
    """Whether what the processor answers, when asked now, is recorded already."""
    if fix in {Fix.CREATE, Fix.LINK} and row.movement_kind in _REFUNDS:
        _ask_about_refund(row, by=by, now=now)
    elif fix == Fix.CREATE and row.kind == DiscrepancyKind.LEG_WITHOUT_MOVEMENT:
        ask_about_leg(discrepancy=row, by=by, now=now)
    elif fix == Fix.ACCEPT_THEIRS and row.kind == DiscrepancyKind.ENTRY_WITHOUT_MOVEMENT:
        record_entry(discrepancy=row, by=by, now=now)
    else:
        return False
    return True


def _ask_about_refund(row: Discrepancy, *, by: str, now: datetime) -> None:
    """A refund of a leg of ours has a row beside its movement: what is heard of it makes both."""
    is_return = row.movement_kind == TransactionKind.REFUND_FAILED
    name = (row.statement or {})["parent_external_id"] if is_return else row.external_id
    hear_of_refund(connection=row.connection, external_id=name, by=by, now=now)
