"""Whatever is taken back, comes again or is collected anew: what the states and accruals say is
owed is what the books say."""

from dataclasses import dataclass, field, replace

from hypothesis import example, given
from hypothesis import strategies as st

from collections_app.rules.debits import Change, DebitFacts, Movement, decide_change
from collections_app.states import AttemptState, CollectionState

OWED = {CollectionState.DUE, CollectionState.FAILED, CollectionState.DISPUTED}
WHOLE = 100


@dataclass
class World:
    """One collection of 100 that an attempt has paid, in the books and in our states."""

    is_bank_debit: bool
    attempt: AttemptState = AttemptState.SUCCEEDED
    collection: CollectionState = CollectionState.COLLECTED
    movements: list[Movement] = field(default_factory=list)
    receivable: int = 0
    accrued: int = 0

    def move(self, minor: int, *, is_dispute: bool, is_out: bool) -> None:
        one = Movement(
            id=len(self.movements),
            is_dispute=is_dispute,
            is_out=is_out,
            is_whole=minor == WHOLE,
            is_accrued=False,
        )
        self.movements.append(one)
        self.receivable += minor if is_out else -minor
        if one.is_repaid:
            self._accrue(minor, one)

    def _accrue(self, minor: int, one: Movement) -> None:
        self.movements[one.id] = replace(one, is_accrued=True)
        self.accrued += minor if one.is_out else -minor

    def follow(self) -> None:
        facts = DebitFacts(
            attempt=self.attempt,
            collection=self.collection,
            is_bank_debit=self.is_bank_debit,
            movements=tuple(one for one in self.movements if not one.is_repaid),
        )
        match decide_change(facts):
            case Change.DISPUTE:
                self.collection = CollectionState.DISPUTED
            case Change.RETURN:
                self.attempt = AttemptState.RETURNED
                self.collection = CollectionState.FAILED
            case Change.RESTORE:
                self.attempt = AttemptState.SUCCEEDED
                self.collection = CollectionState.COLLECTED
            case Change.REPAY:
                self._accrue(WHOLE, facts.last_unsaid)

    def lose(self) -> None:
        if self.collection == CollectionState.DISPUTED:
            self.attempt, self.collection = AttemptState.RETURNED, CollectionState.FAILED

    def pay_otherwise(self) -> None:
        if self.collection == CollectionState.FAILED:
            self.collection = CollectionState.COLLECTED
            self.receivable -= WHOLE

    @property
    def owed(self) -> int:
        return self.accrued + (WHOLE if self.collection in OWED else 0)


@example(is_bank_debit=True, acts=["taken_back", "paid_otherwise", "given_again", "taken_back"])
@given(
    is_bank_debit=st.booleans(),
    acts=st.lists(
        st.sampled_from(["taken_back", "given_again", "part_refunded", "lost", "paid_otherwise"]),
        max_size=12,
    ),
)
def test_what_is_owed_is_what_the_books_say(is_bank_debit, acts):
    world = World(is_bank_debit)
    is_gone = False
    for act in acts:
        if act == "part_refunded":
            world.move(30, is_dispute=False, is_out=True)
        elif act == "taken_back" and not is_gone:
            world.move(WHOLE, is_dispute=True, is_out=True)
            is_gone = True
        elif act == "given_again" and is_gone:
            world.move(WHOLE, is_dispute=True, is_out=False)
            is_gone = False
        elif act == "lost":
            world.lose()
        elif act == "paid_otherwise":
            world.pay_otherwise()
        for _ in range(2):  # a repetition changes nothing
            world.follow()
            assert world.owed == world.receivable
