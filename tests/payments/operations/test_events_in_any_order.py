"""What happened on an account comes by events alone, by sync alone and by both, in any order,
doubled, and with events that are never sent: the movements and the sums are the same.

    EVENT_ORDERS=2000 pytest --timeout=0 tests/payments/operations/test_events_in_any_order.py

tries so many orders of each processor's events.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass
from random import Random

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from payments.models import ExternalTransaction
from tests.payments.books import get_balances, get_failed_checks
from tests.payments.operations.stories import (
    CONVERTED,
    PLACES,
    PLATFORM,
    Story,
    let_happen,
    sell_and_lose,
    sell_and_refund,
    sell_and_win,
)
from tests.payments.operations.telling import Told, list_failed, look, sync, tell, undone
from tests.payments.reconciliation.accounts import reconcile
from tests.payments.syncs.accounts import list_at_processor, list_recorded, sum_at_processor
from tests.processors.webhooks.doors import Door, open_door

pytestmark = pytest.mark.django_db

SIDES = {"conversion_in", "conversion_out"}
ORDERS = int(os.environ.get("EVENT_ORDERS", "15"))


@dataclass(frozen=True)
class Known:
    """A story, the address where it is told, and what our records say of it in the end."""

    story: Story
    door: Door
    told: Told


def know(story: Story) -> Known:
    """Told by its events alone, in the order in which it happened."""
    door = open_door(story.connection)
    with undone():
        tell(story, door, story.places)
        assert list_failed(story) == []
        assert get_failed_checks() == set()
        return Known(story, door, look(story))


def check(known: Known, way: Callable[[Known], None]) -> None:
    with undone():
        way(known)
        assert list_failed(known.story) == []
        assert look(known.story) == known.told
        assert get_failed_checks() == set()


def tell_events_shuffled(known: Known) -> None:
    places = [*known.story.places, *known.story.places]
    tell(known.story, known.door, Random(1).sample(places, len(places)))


def tell_by_sync(known: Known) -> None:
    sync(known.story)


def tell_events_and_sync_between(known: Known) -> None:
    shuffled = Random(2).sample(known.story.places, len(known.story.places))
    tell(known.story, known.door, shuffled[::2])
    sync(known.story)
    tell(known.story, known.door, shuffled[1::2])


def tell_events_after_sync(known: Known) -> None:
    sync(known.story)
    tell(known.story, known.door, reversed(known.story.places))


@pytest.mark.parametrize("place", PLACES)
def test_every_way_says_the_same_as_the_processor(simulator, place):
    known = know(let_happen(simulator, place))
    connection = known.story.connection

    check(known, tell_events_shuffled)
    check(known, tell_by_sync)
    check(known, tell_events_and_sync_between)
    check(known, tell_events_after_sync)

    sync(known.story)
    recorded = [row for row in list_recorded(connection) if row[0] not in SIDES]
    assert recorded == list_at_processor(simulator, connection)
    assert {kind for kind, _, _ in recorded} == {
        "charge", "refund", "refund_failed", "dispute", "dispute_won", "bank_payout",
    }  # fmt: skip
    assert {state for _, state, *_ in known.told.disputes} == {"lost", "won"}
    assert known.told.discrepancies == []
    if connection.is_platform:
        assert list_cleared() == sum_at_processor(simulator, connection)


def list_cleared() -> dict[str, int]:
    booked = {currency: get_balances(currency=currency) for currency in ("USD", "CAD")}
    return {currency: of["clearing"] for currency, of in booked.items() if "clearing" in of}


def test_what_a_payer_paid_in_another_currency_stays_what_it_was(simulator, settings):
    """The sale and its fee are in his currency, so is what we owe for it."""
    settings.RECONCILIATION_GRACE_SECONDS = 0
    story = let_happen(simulator, CONVERTED, [sell_and_win])

    sync(story)

    sales = ExternalTransaction.objects.filter(kind="charge").order_by("amount_minor")
    assert list(sales.values_list("amount_minor", "currency", "fee_minor")) == [
        (20_00, "CAD", 99),
        (55_00, "CAD", 2_00),
    ]
    assert get_balances(currency="USD").keys() == {"bank", "exchange"}
    assert get_balances(currency="CAD").keys() == {"exchange", "payable", "commission"}
    assert reconcile(story.connection).found == {}


def draw_way(data: st.DataObject, places: list[int]) -> Callable[[Known], None]:
    """Some events never come, some come twice, a sync comes in between; what was lost is found
    by one at the end."""
    lost = data.draw(st.sets(st.sampled_from(places)))
    doubled = data.draw(st.lists(st.sampled_from(places), max_size=4))
    order = data.draw(st.permutations([*sorted(set(places) - lost), *doubled]))
    cut = data.draw(st.integers(0, len(order)))
    has_early_sync = data.draw(st.booleans())

    def way(known: Known) -> None:
        tell(known.story, known.door, order[:cut])
        if has_early_sync:
            sync(known.story)
        tell(known.story, known.door, order[cut:])
        if set(order) != set(places):
            sync(known.story)
            tell(known.story, known.door, [])

    return way


def tried(examples: int) -> hypothesis_settings:
    return hypothesis_settings(
        max_examples=examples,
        deadline=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    )


@pytest.fixture(params=["square", "stripe"])
def shorts(request, simulator) -> list[Known]:
    """An account for each sale, so that an order of its events is quickly told."""
    acts = [sell_and_refund, sell_and_lose, sell_and_win]
    return [know(let_happen(simulator, request.param, [act])) for act in acts]


@tried(ORDERS)
@given(data=st.data())
def test_in_any_order_doubled_and_with_losses_they_say_the_same(shorts, data):
    known = data.draw(st.sampled_from(shorts))

    check(known, draw_way(data, known.story.places))


@pytest.fixture
def at_the_platform(simulator) -> Known:
    return know(let_happen(simulator, PLATFORM, [sell_and_refund, sell_and_win]))


@tried(max(ORDERS // 3, 5))
@given(data=st.data())
def test_so_they_do_of_our_own_sales(at_the_platform, data):
    check(at_the_platform, draw_way(data, at_the_platform.story.places))
