"""What each role does in one pass, by the product's own operations. Returns how much it did."""

import random
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.utils import timezone

from bookedbarber.foundation.errors import DomainError
from bookedbarber.foundation.money import Money
from collections_app.models import CollectionAttempt, PlatformCollection
from collections_app.operations import building
from collections_app.operations.attempts import pay_collection, process_collections
from collections_app.operations.collections import move_due_collections
from collections_app.operations.disputed_debits import follow_lost_disputes
from collections_app.operations.rent import accrue_rent
from collections_app.operations.stuck import check_stuck_collections
from collections_app.operations.unknown_attempts import (
    close_unmade_attempt,
    mark_lost_attempts,
    settle_unknown_attempts,
)
from collections_app.states import UNTRIED_COLLECTION_STATES, AttemptState
from payments.operations.disputes import follow_disputes
from payments.operations.movements import MovementFact, record_movements
from payments.operations.syncing.locks import SyncUnderWay
from payments.operations.syncs import sync_connection
from payments.states import SyncOutcome
from processors.contract import Movement, MovementKind, MovementState, PaymentMethodKind
from processors.models import Connection
from tests.chaos.collecting.files import PEOPLE, PLAN, get, put
from tests.chaos.collecting.plan import Plan, PlannedMovement
from tests.chaos.collecting.weeks import Moment, begin_week

# So many of all barbers that builders meet and a kill finds many places between two.
BUILDERS_BATCHES, SMALLEST_BATCH = 8, 5
LOADERS_BATCH = 1000
# How many collections a person pays in each round, and how seldom one closes what nobody knows.
_PAID_BY_HAND = 12
_PEOPLE = "usr_chaos"

Duty = Callable[[Moment, datetime], int]


def create_duty(role: str, number: int, folder: Path) -> Duty:
    name = f"job:chaos.{role}_{number}"
    if role == "loader":
        return Loader(number, folder)
    if role == "payer":
        return Payer(number, folder)
    if role == "reader":
        return Reader(name)
    duties: dict[str, Duty] = {
        "builder": lambda _, now: _build(name, folder, now),
        "processor": lambda _, now: _process(name, now),
        "asker": lambda moment, now: _ask(name, moment, now),
    }
    return duties[role]


def _build(by: str, folder: Path, now: datetime) -> int:
    building.BATCH = max(SMALLEST_BATCH, get(folder / PLAN)["barbers"] // BUILDERS_BATCHES)
    accrued = accrue_rent(by=by, now=now)
    return accrued + len(building.build_collections(by=by, now=now).collection_ids)


def _process(by: str, now: datetime) -> int:
    moved = move_due_collections(by=by, now=now)
    return moved + process_collections(by=by, now=now)


def _ask(by: str, moment: Moment, now: datetime) -> int:
    # A lease is of the real clock.
    lost = mark_lost_attempts(now=timezone.now())
    if moment.phase == "read":
        # By its clock all leases are over, as they are: nothing is debited now.
        check_stuck_collections(by=by, now=now)
    return lost + settle_unknown_attempts(now=now) + _close_riddles(now)


def _close_riddles(now: datetime) -> int:
    """A person has looked for what the processor does not list, and has not found it."""
    unknown = CollectionAttempt.objects.filter(state=AttemptState.UNKNOWN, external_id="")
    old = now - timedelta(seconds=settings.REPEAT_WINDOW_SECONDS["stripe"])
    closed = 0
    for attempt in unknown.filter(created_at__lt=old, checks__gt=0)[:10]:
        try:
            close_unmade_attempt(attempt=attempt, reason="Not found", by=_PEOPLE, now=now)
        except DomainError:
            # Somebody has just heard of it.
            continue
        closed += 1
    return closed


class Reader:
    """Reads the platform's own lists until they say nothing new; of debits that came back it hears
    there alone."""

    def __init__(self, by: str) -> None:
        self._by = by
        self._read_in = -1

    def __call__(self, moment: Moment, now: datetime) -> int:
        if self._read_in == moment.round:
            return 0
        try:
            run = sync_connection(
                connection=Connection.objects.get(owner_id=0), by=self._by, now=now
            )
        except SyncUnderWay:
            # Of the one that was killed: its lock ends with its session.
            return 1
        follow_disputes()
        follow_lost_disputes(by=self._by, now=now)
        if run.outcome == SyncOutcome.COMPLETED and not run.new + run.changed:
            self._read_in = moment.round
        return 1


class Payer:
    """Barbers who pay now, while the processors are at it: each once in a round."""

    def __init__(self, number: int, folder: Path) -> None:
        seed = get(folder / PLAN)["seed"]
        self._dice = random.Random(f"payer {seed} {number}")
        self._paid_in = -1

    def __call__(self, moment: Moment, now: datetime) -> int:
        if self._paid_in == moment.round:
            return 0
        self._paid_in = moment.round
        open_ones = PlatformCollection.objects.filter(state__in=UNTRIED_COLLECTION_STATES).order_by(
            "pk"
        )
        rows = list(open_ones)
        for row in self._dice.sample(rows, min(len(rows), _PAID_BY_HAND)):
            try:
                pay_collection(collection=row, by=_PEOPLE, now=now)
            except DomainError:
                # A processor was faster, or nothing is saved.
                continue
        return 1


class Loader:
    """Records what was sold, 1,000 movements at a time; where it was killed it goes on."""

    def __init__(self, number: int, folder: Path) -> None:
        said = get(folder / PLAN)
        self._first = datetime.fromisoformat(said.pop("first"))
        self._loaders = said.pop("loaders")
        self._plan = Plan(**said)
        self._number = number
        self._place = folder / f"loader-{number}.place"
        people = get(folder / PEOPLE)
        rows = Connection.objects.in_bulk([connection for _, connection in people.values()])
        self._accounts = {int(key): rows[connection] for key, (_, connection) in people.items()}
        self._currencies = {row.number: row.currency for row in self._plan.list_barbers()}
        self._task = ("", -1)
        self._chunks: list[list[PlannedMovement]] = []

    def __call__(self, moment: Moment, now: datetime) -> int:
        self._take_up(moment.phase, moment.week)
        done = self._read_place()
        mine = [at for at in range(len(self._chunks)) if at % self._loaders == self._number]
        left = [at for at in mine if at >= done]
        if not left:
            return 0
        facts = [self._to_fact(each) for each in self._chunks[left[0]]]
        record_movements(facts, by=f"job:chaos.loader_{self._number}", now=now)
        put(self._place, [*self._task, left[0] + 1])
        return len(facts)

    def _take_up(self, phase: str, week: int) -> None:
        if self._task != (phase, week):
            self._task = phase, week
            heard = self._plan.list_heard(phase, week)
            size = self._get_size(len(heard))
            self._chunks = [heard[at : at + size] for at in range(0, len(heard), size)]

    def _get_size(self, heard: int) -> int:
        """So many that each loader has some batches to be killed between."""
        return max(1, min(LOADERS_BATCH, heard // (4 * self._loaders) + 1))

    def _read_place(self) -> int:
        *task, done = get(self._place) or [None, 0]
        return int(done) if tuple(task) == self._task else 0

    def _to_fact(self, each: PlannedMovement) -> MovementFact:
        currency = self._currencies[each.barber]
        sold_at = begin_week(self._first, each.sold_in) + timedelta(seconds=each.second)
        movement = Movement(
            kind=MovementKind.REFUND if each.parent else MovementKind.CHARGE,
            external_id=each.name,
            group_id=each.parent or each.name,
            our_reference="",
            state=MovementState.COMPLETED,
            amount=Money(each.amount_minor, currency),
            tip=Money(each.tip_minor, currency),
            fee=None if each.parent else Money(each.amount_minor // 50, currency),
            method=PaymentMethodKind.CARD,
            version=1,
            occurred_at=sold_at,
            available_at=None,
            raw={"id": each.name},
            parent_external_id=each.parent,
        )
        return MovementFact(self._accounts[each.barber], movement)
