"""What happened on an account comes by events alone, in any order and doubled, by sync alone, and
by what the events left out and sync found: the movements and the sums are the same."""

from dataclasses import dataclass
from datetime import timedelta
from itertools import count
from typing import Any

import pytest
from django.db.models import Sum
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from payments.models import Accrual, Dispute, ExternalTransaction
from payments.operations.disputes import follow_disputes
from payments.operations.parked_events import release_parked_events
from payments.operations.syncs import sync_connection
from processors.models import Connection, WebhookEvent
from processors.operations.webhook_handling import handle_webhook_events
from tests import factories
from tests.payments.books import get_failed_checks
from tests.payments.operations.stories import let_happen
from tests.processors.webhooks.doors import open_door

pytestmark = pytest.mark.django_db(transaction=True)

BY = "job:test"
_numbers = count(1)


@dataclass(frozen=True)
class Told:
    """What our records say of an account by now."""

    movements: tuple[Any, ...]
    accrued: tuple[Any, ...]
    disputes: tuple[Any, ...]


@dataclass(frozen=True)
class Story:
    account: Any
    events: tuple[dict[str, Any], ...]


@pytest.fixture(params=["square", "stripe"])
def story(request, platform, simulator) -> Story:
    account = simulator.create_account(request.param, currencies=["USD"])
    return Story(account, tuple(let_happen(simulator, account)))


def connect_again(story: Story) -> Connection:
    """The same account behind a connection of its own, so that its story can be told anew."""
    return factories.create_connection(
        factories.create_barber(),
        processor=story.account.processor,
        account_id=f"{story.account.account_id}x{next(_numbers)}",
        credentials=story.account.credentials,
    )


def tell(story: Story, connection: Connection, places: list[int]) -> None:
    """Send these of the events, and handle them until nothing more comes of them."""
    door = open_door(connection)
    for place in places:
        assert door.send(_address(story.events[place], connection)).status_code == 200
    now = timezone.now()
    while handle_webhook_events(now=now) or release_parked_events(now=now):
        now += timedelta(minutes=1)
    follow_disputes()


def _address(event: dict[str, Any], connection: Connection) -> dict[str, Any]:
    known = {"merchant_id", "account"} & set(event)
    return event | dict.fromkeys(known, connection.account_id)


def sync(connection: Connection) -> None:
    now = timezone.now()
    sync_connection(connection=connection, by=BY, now=now, since=now - timedelta(days=30))
    follow_disputes()


def look(connection: Connection) -> Told:
    rows = ExternalTransaction.objects.filter(connection=connection)
    movements = rows.order_by("kind", "external_id").values_list(
        "kind", "external_id", "group_id", "parent_external_id", "state", "amount_minor",
        "tip_minor", "fee_minor", "base_minor", "commission_rate", "occurred_at", "available_at",
    )  # fmt: skip
    sums_of_sales = (
        Accrual.objects.filter(sale__connection=connection)
        .values_list("sale__external_id")
        .annotate(Sum("commission_minor"), Sum("kept_minor"), Sum("amount_minor"))
        .order_by("sale__external_id")
    )
    # Nothing owed is the same as never owed.
    accrued = [sums for sums in sums_of_sales if any(sums[1:])]
    disputes = Dispute.objects.filter(connection=connection).order_by("external_id")
    return Told(
        tuple(movements),
        tuple(accrued),
        tuple(disputes.values_list("external_id", "state", "amount_minor", "charge__external_id")),
    )


def list_open(connection: Connection) -> list[tuple[str, str, str]]:
    rows = WebhookEvent.objects.filter(connection=connection)
    rows = rows.exclude(state__in=["handled", "ignored"])
    return list(rows.values_list("type", "state", "error"))


def test_events_and_sync_say_the_same(story):
    by_events, by_sync = connect_again(story), connect_again(story)

    tell(story, by_events, list(range(len(story.events))))
    sync(by_sync)

    assert list_open(by_events) == []
    assert look(by_events) == look(by_sync)
    kinds = {movement[0] for movement in look(by_events).movements}
    assert kinds == {
        "charge", "refund", "refund_failed", "dispute", "dispute_won", "bank_payout",
    }  # fmt: skip
    assert get_failed_checks() == set()


@settings(
    max_examples=3, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_in_any_order_and_doubled_they_say_the_same(story, data):
    places = list(range(len(story.events)))
    doubled = data.draw(st.lists(st.sampled_from(places), max_size=len(places)))
    order = data.draw(st.permutations([*places, *doubled]))
    in_order, shuffled = connect_again(story), connect_again(story)

    tell(story, in_order, places)
    tell(story, shuffled, order)

    assert list_open(shuffled) == []
    assert look(shuffled) == look(in_order)
    assert get_failed_checks() == set()


@settings(
    max_examples=3, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_what_was_lost_is_found_by_a_sync(story, data):
    places = list(range(len(story.events)))
    kept = data.draw(st.lists(st.sampled_from(places), unique=True))
    in_order, lossy = connect_again(story), connect_again(story)

    tell(story, in_order, places)
    tell(story, lossy, kept)
    sync(lossy)
    tell(story, lossy, [])

    assert list_open(lossy) == []
    assert look(lossy) == look(in_order)
    assert get_failed_checks() == set()
