"""What becomes of a paid collection when its debit is taken back, or comes again. Pure."""

from dataclasses import dataclass
from enum import StrEnum

from ..states import AttemptState, CollectionState


@dataclass(frozen=True, slots=True)
class Movement:
    """Money of a debit that went back to the barber (`is_out`) or came again.

    `is_whole`: all of the debit. `is_accrued`: an accrual says it already.
    """

    id: int
    is_dispute: bool
    is_out: bool
    is_whole: bool
    is_accrued: bool

    @property
    def is_repaid(self) -> bool:
        """Said by an accrual: it is owed again, or less is, while the collection stays as it is.

        Only a bank that takes back the whole of a debit undoes the collection.
        """
        return self.is_accrued or not (self.is_dispute and self.is_whole)


@dataclass(frozen=True, slots=True)
class DebitFacts:
    """States as they stand, and the movements that states must say, in their order."""

    attempt: AttemptState
    collection: CollectionState
    is_bank_debit: bool
    movements: tuple[Movement, ...]

    @property
    def unsaid(self) -> int:
        """How often the debit is gone, less how often the states say so: 1, 0 or -1."""
        gone = sum(1 if one.is_out else -1 for one in self.movements)
        is_said = (
            self.attempt == AttemptState.RETURNED or self.collection == CollectionState.DISPUTED
        )
        return gone - is_said

    @property
    def last_unsaid(self) -> Movement:
        """The movement that the states do not say."""
        is_out = self.unsaid > 0
        return next(one for one in reversed(self.movements) if one.is_out == is_out)


class Change(StrEnum):
    """What brings the states to what the movements say.

    `repay`: the states cannot say the last unsaid movement, so an accrual must.
    """

    NOTHING = "nothing"
    DISPUTE = "dispute"
    RETURN = "return"
    RESTORE = "restore"
    REPAY = "repay"


# From these a collection whose money is there again becomes collected.
_RESTORABLE = {CollectionState.DISPUTED, CollectionState.FAILED, CollectionState.DUE}


def decide_change(facts: DebitFacts) -> Change:
    """A card's bank may still decide otherwise; what a bank account's bank takes back is gone."""
    if facts.unsaid == 0:
        return Change.NOTHING
    if facts.unsaid < 0:
        return Change.RESTORE if facts.collection in _RESTORABLE else Change.REPAY
    is_paid_by_it = facts.attempt == AttemptState.SUCCEEDED
    if not is_paid_by_it or facts.collection != CollectionState.COLLECTED:
        return Change.REPAY
    return Change.RETURN if facts.is_bank_debit else Change.DISPUTE
