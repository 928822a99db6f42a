"""What differs between our record of a movement and the processor's. Pure."""

from dataclasses import dataclass

from ..states import DiscrepancyKind, Fix, TransactionKind, TransactionState

_D = DiscrepancyKind
_K = TransactionKind

# What a reconciliation names: one kind for an object, and it resolves itself when it is gone.
RECONCILED_KINDS = (
    _D.MISSING_HERE,
    _D.MISSING_THERE,
    _D.STATUS_DIFFERS,
    _D.CURRENCY_DIFFERS,
    _D.AMOUNT_DIFFERS,
    _D.FEE_DIFFERS,
    _D.VISIT_PAID_TWICE,
    _D.LEG_WITHOUT_MOVEMENT,
    _D.ENTRY_WITHOUT_MOVEMENT,
)


@dataclass(frozen=True, slots=True)
class Figures:
    """One side's word about a movement, in minor units. `fee` None: not known.

    `state` "" is that of an object which the processor no longer has.
    """

    state: str
    amount_minor: int
    tip_minor: int
    fee_minor: int | None
    currency: str

    @property
    def is_completed(self) -> bool:
        return self.state == TransactionState.COMPLETED


def classify(
    ours: Figures | None, theirs: Figures | None, *, tolerance_minor: int
) -> DiscrepancyKind | None:
    """Name the most serious difference; None where both sides agree.

    What moved no money on either side is the same, whatever it is called. A fee that they do not
    name is none to differ from.
    """
    if ours is None:
        return _D.MISSING_HERE if theirs and theirs.is_completed else None
    if theirs is None:
        return _D.MISSING_THERE if ours.is_completed else None
    if not ours.is_completed and not theirs.is_completed:
        return None
    return _classify_figures(ours, theirs, tolerance_minor)


def _classify_figures(
    ours: Figures, theirs: Figures, tolerance_minor: int
) -> DiscrepancyKind | None:
    if ours.state != theirs.state:
        return _D.STATUS_DIFFERS
    if ours.currency != theirs.currency:
        return _D.CURRENCY_DIFFERS
    amount = abs(ours.amount_minor - theirs.amount_minor)
    tip = abs(ours.tip_minor - theirs.tip_minor)
    if max(amount, tip) > tolerance_minor:
        return _D.AMOUNT_DIFFERS
    return _D.FEE_DIFFERS if _has_other_fee(ours, theirs, tolerance_minor) else None


def _has_other_fee(ours: Figures, theirs: Figures, tolerance_minor: int) -> bool:
    if theirs.fee_minor is None:
        return False
    return ours.fee_minor is None or abs(ours.fee_minor - theirs.fee_minor) > tolerance_minor


def is_urgent(ours: Figures | None, theirs: Figures | None, *, above_minor: int) -> bool:
    """Whether more than that much money is in question."""
    if ours and theirs and (ours.state, ours.currency) == (theirs.state, theirs.currency):
        parts = (
            ours.amount_minor - theirs.amount_minor,
            ours.tip_minor - theirs.tip_minor,
            (ours.fee_minor or 0) - (theirs.fee_minor or 0),
        )
        return max(map(abs, parts)) > above_minor
    return max(side.amount_minor for side in (ours, theirs) if side) > above_minor


_FIXES = {
    _D.MONEY_ON_CLOSED_LEG: [Fix.REFUND_IT],
    _D.MISSING_HERE: [Fix.CREATE],
    _D.VISIT_PAID_TWICE: [Fix.REFUND_ONE],
    _D.LEG_WITHOUT_MOVEMENT: [Fix.CREATE, Fix.ACCEPT_THEIRS],
}
# A refund fails as a whole: what comes back of it in part is no failure of it.
_FIXES_OF_MOVEMENTS: dict[tuple[str, str], list[Fix]] = {
    (_D.MISSING_HERE, _K.CHARGE): [Fix.CREATE, Fix.LINK],
    (_D.ENTRY_WITHOUT_MOVEMENT, _K.REFUND): [Fix.CREATE],
    (_D.AMOUNT_DIFFERS, _K.REFUND_FAILED): [],
    (_D.CURRENCY_DIFFERS, _K.REFUND_FAILED): [],
}


def suggest_fixes(kind: str, movement_kind: str) -> list[Fix]:
    """What may settle a difference, the most likely first; to ignore it is always possible."""
    usual = _FIXES.get(DiscrepancyKind(kind), [Fix.ACCEPT_THEIRS])
    return [*_FIXES_OF_MOVEMENTS.get((kind, movement_kind), usual), Fix.IGNORE]
