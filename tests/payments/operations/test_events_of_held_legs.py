"""Events about the held half of a split sale whose other half is in doubt."""

import pytest
from django.utils import timezone

from payments.models import PaymentLeg
from payments.operations.sending import send_capture
from payments.states import LegRole, LegState, PaymentState
from processors.models import WebhookEvent
from processors.operations.webhook_handling import handle_webhook_events
from tests.payments.books import get_failed_checks
from tests.payments.splitting import (
    create_split_barber,
    get_leg,
    get_square,
    list_moved,
    settle_everything,
    take,
)
from tests.processors.webhooks.doors import open_door
from tests.processors.webhooks.simulated import list_payment_events

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def held(platform, connect, simulator, settings) -> PaymentLeg:
    """The barber's half, while nobody knows what became of the platform's."""
    settings.PROCESSOR_RETRY_SECONDS = 0.01
    settings.BREAKER_FAILURES = 1000
    simulator.add_fault("error_after", account_id=platform.account_id, operation="charge")
    payment = take(create_split_barber(connect))
    assert payment.state == PaymentState.UNKNOWN
    return get_leg(payment, LegRole.MAIN)


def hear(leg: PaymentLeg) -> tuple[str, str]:
    """What becomes of the event of the leg's payment as it stands at Square now."""
    connection = get_square(leg.payment.barber)
    [event] = list_payment_events(connection)
    open_door(connection).send(event)
    handle_webhook_events(now=timezone.now())
    row = WebhookEvent.objects.get()
    return row.state, row.explanation


def test_it_is_not_tried_again_until_the_other_half_is_known(held, platform, simulator):
    assert held.state == LegState.AUTHORIZED

    assert hear(held) == ("ignored", "held_for_its_other_part")

    settle_everything()
    held.payment.refresh_from_db()
    assert held.payment.state == PaymentState.COMPLETED
    assert list_moved(simulator, get_square(held.payment.barber)) == [("charge", 240_00)]
    assert get_failed_checks() == set()


def test_of_a_half_that_was_captured_there_the_processor_is_asked(held, simulator):
    send_capture(held)

    assert hear(held) == ("handled", "")

    held.refresh_from_db()
    assert held.state == LegState.UNKNOWN
    settle_everything()
    held.payment.refresh_from_db()
    assert held.payment.state == PaymentState.COMPLETED
    assert get_failed_checks() == set()
