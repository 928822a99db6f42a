"""A worker killed at any boundary of handling an event: it is handled once after all.

Boundaries are before and after each commit and each call; the event of a sale at a Stripe terminal
lacks the fee, so that it has both: what it says is recorded, the fee is asked for and recorded.
"""

from datetime import timedelta

import pytest
from django.utils import timezone

from bookedbarber.foundation.models import StateChange
from payments.models import Accrual, ExternalTransaction
from processors.models import WebhookEvent
from processors.operations.webhook_handling import handle_webhook_events
from tests import factories
from tests.killing import die_at
from tests.payments.books import get_balances, get_failed_checks
from tests.payments.syncs.accounts import get_account
from tests.processors.webhooks.doors import open_door

pytestmark = pytest.mark.django_db(transaction=True)

MOST_BOUNDARIES = 20
# Taking it up, its question and its end: each has a before and an after.
LEAST_BOUNDARIES = 6


def handle(*, later: timedelta = timedelta(0)) -> int:
    return handle_webhook_events(now=timezone.now() + later)


@pytest.fixture
def sell(connect, simulator):
    """Sell at the terminal and let the processor tell of it: sell() is the event."""
    barber = factories.create_barber()
    factories.create_config(barber, commission_rate=20)
    connection = connect(barber, "stripe")
    door, account = open_door(connection), get_account(connection)
    names = {"processor": account.processor, "account_id": account.account_id}
    told = f"events?limit=1000&type=charge.succeeded&account_id={account.account_id}"

    def sell() -> WebhookEvent:
        simulator.act("terminal_sales", amount_minor=75_00, tip_minor=5_00, **names)
        body = simulator.get(told)["events"][-1]["body"]
        assert door.send(body).status_code == 200
        return WebhookEvent.objects.get(event_id=body["id"])

    return sell


def test_an_event_whose_worker_is_killed_is_handled_once_after_all(sell, settings):
    settings.PROCESSOR_RETRY_SECONDS = 0.01
    sold = 0
    for boundary in range(1, MOST_BOUNDARIES):
        event = sell()
        sold += 1
        died = die_at(boundary, handle)
        assert handle(later=timedelta(seconds=settings.WEBHOOK_QUESTION_SECONDS + 1)) <= 1
        event.refresh_from_db()
        where = f"killed at boundary {boundary}"
        assert (event.state, event.tries) == ("handled", 0), where
        ends = StateChange.objects.filter(subject=event.subject, after="handled")
        assert ends.count() == 1, where
        sale = ExternalTransaction.objects.order_by("pk").last()
        assert (sale.external_id, sale.tip_minor) == (event.object_id, 5_00), where
        assert sale.fee_minor, where
        assert ExternalTransaction.objects.count() == Accrual.objects.count() == sold, where
        if not died:
            break

    assert LEAST_BOUNDARIES < boundary < MOST_BOUNDARIES - 1
    assert get_balances() == {"receivable": 15_00 * sold, "commission": -15_00 * sold}
    assert get_failed_checks() == set()
