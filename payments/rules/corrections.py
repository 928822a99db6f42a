"""How the processor's word about a completed movement is taken over without changing it. Pure."""

from dataclasses import dataclass

from bookedbarber.foundation.money import Money

from ..states import TransactionKind
from .differences import Figures

_K = TransactionKind

# What takes a movement of this kind back.
OPPOSITES = {
    _K.CHARGE: _K.REFUND,
    _K.BANK_PAYOUT: _K.BANK_PAYOUT_FAILED,
    _K.BANK_PAYOUT_FAILED: _K.BANK_PAYOUT,
    _K.PROCESSOR_CHARGE: _K.PROCESSOR_CREDIT,
    _K.PROCESSOR_CREDIT: _K.PROCESSOR_CHARGE,
    _K.CONVERSION_OUT: _K.CONVERSION_IN,
    _K.CONVERSION_IN: _K.CONVERSION_OUT,
    _K.REFUND: _K.REFUND_FAILED,
    _K.REFUND_FAILED: _K.REFUND,
    _K.DISPUTE: _K.DISPUTE_WON,
    _K.DISPUTE_WON: _K.DISPUTE,
    _K.TRANSFER: _K.TRANSFER_REVERSED,
    _K.TRANSFER_REVERSED: _K.TRANSFER,
}

# One of these stands or falls as a whole: whatever differs of it, it is told anew.
WHOLE_KINDS = frozenset({_K.REFUND, _K.REFUND_FAILED, _K.DISPUTE, _K.DISPUTE_WON})


@dataclass(frozen=True, slots=True)
class Part:
    """A correcting movement's figures; `fee` below zero gives a fee back."""

    amount: Money
    tip: Money
    fee: Money | None


@dataclass(frozen=True, slots=True)
class Plan:
    """What of our record was too much, and what is missing from it."""

    taken_back: Part | None = None
    added: Part | None = None


def plan_correction(ours: Figures, theirs: Figures | None, *, is_whole: bool = False) -> Plan:
    """Bring what is recorded to what the processor says; None: it has no such movement.

    Where only the amount differs, the difference moves; otherwise, or when it `is_whole`, all of
    ours goes back, its fee with it, and all of theirs comes. Together they sum to their word,
    commission included.
    """
    wanted = theirs if theirs is not None and theirs.is_completed else None
    if not ours.is_completed:
        return Plan(added=_to_part(wanted)) if wanted else Plan()
    if wanted is None or is_whole or wanted.currency != ours.currency:
        return Plan(_take_all(ours), _to_part(wanted) if wanted else None)
    return _plan_difference(ours, wanted)


def _plan_difference(ours: Figures, theirs: Figures) -> Plan:
    step = theirs.amount_minor - ours.amount_minor
    zero, currency = Money.zero(ours.currency), ours.currency
    fee = None
    if theirs.fee_minor is not None:
        fee = Money(theirs.fee_minor - (ours.fee_minor or 0), currency)
    if step < 0 and not ours.tip_minor and not theirs.tip_minor:
        return Plan(taken_back=Part(Money(-step, currency), zero, fee))
    tip_minor = theirs.tip_minor - ours.tip_minor
    if step > 0 and 0 <= tip_minor < step:
        return Plan(added=Part(Money(step, currency), Money(tip_minor, currency), fee))
    # What goes back shrinks tip and base together: another tip is told anew.
    return Plan(_take_all(ours), _to_part(theirs))


def _take_all(ours: Figures) -> Part:
    currency = ours.currency
    fee = None if ours.fee_minor is None else Money(-ours.fee_minor, currency)
    return Part(Money(ours.amount_minor, currency), Money.zero(currency), fee)


def _to_part(theirs: Figures) -> Part:
    currency = theirs.currency
    fee = None if theirs.fee_minor is None else Money(theirs.fee_minor, currency)
    amount, tip = Money(theirs.amount_minor, currency), Money(theirs.tip_minor, currency)
    return Part(amount, tip, fee)
