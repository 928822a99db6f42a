"""Told by webhooks, by a sync, or by both in either order: the same movements, the same books."""

from datetime import timedelta

import pytest
from django.utils import timezone

from payments.models import Accrual, ExternalTransaction
from processors.operations.webhook_handling import handle_webhook_events
from tests import factories
from tests.payments.books import get_balances, get_failed_checks
from tests.payments.syncs.accounts import list_at_processor, list_recorded, sync
from tests.payments.syncs.test_every_kind import Terminal
from tests.processors.webhooks.doors import open_door
from tests.processors.webhooks.simulated import list_events

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def connection(connect):
    return connect(factories.create_barber(), "stripe")


@pytest.fixture
def history(simulator, connection):
    """A tipped sale at a reader, refunded in part; disputes lost and won; a payout."""
    terminal = Terminal(simulator, connection)
    terminal.refund(terminal.take(75_00, tip_minor=15_00), 25_00)
    terminal.dispute(terminal.take(40_00), "lose")
    terminal.dispute(terminal.take(50_00), "win")
    terminal.pay_out()
    return list_events(connection)


def tell(connection, events):
    door = open_door(connection)
    for event in events:
        assert door.send(event).status_code == 200
    for hours in range(4):  # what waits for something else is taken up again later
        handle_webhook_events(now=timezone.now() + timedelta(hours=hours))


def describe():
    """All that must not depend on who told us."""
    rows = ExternalTransaction.objects.order_by("kind", "external_id").values_list(
        "kind", "external_id", "state", "amount_minor", "tip_minor", "fee_minor", "base_minor"
    )
    owed = sum(Accrual.objects.values_list("commission_minor", flat=True))
    return list(rows), owed, get_balances()


def test_webhooks_alone_tell_what_a_sync_tells(simulator, connection, history):
    tell(connection, history)
    told = describe()

    sync(connection)

    assert told == describe()
    assert list_recorded(connection) == list_at_processor(simulator, connection)
    assert get_failed_checks() == set()


def test_webhooks_after_a_sync_change_nothing(connection, history):
    sync(connection)
    told = describe()

    tell(connection, history[::-1])

    assert told == describe()
    assert get_failed_checks() == set()
