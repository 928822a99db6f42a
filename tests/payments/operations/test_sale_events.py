"""Events about sales go through the real door; the processor behind them is the simulator."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from bookedbarber.foundation.money import Money
from payments.models import Discrepancy, ExternalTransaction, Payment, PaymentLeg
from payments.operations.charges import take_payment
from payments.operations.claims import Order, claim_payment, route_order
from payments.operations.unknowns import mark_lost_legs, settle_unknown_legs
from payments.states import LegState, Mode, PaymentState
from processors.models import Connection, WebhookEvent
from processors.operations.webhook_handling import handle_webhook_events
from tests import factories
from tests.payments.books import get_balances, get_failed_checks
from tests.processors.webhooks.doors import open_door, square_event, stripe_event
from tests.processors.webhooks.simulated import list_events, list_payment_events, list_payments
from tests.simulation import SimulatedAccount

pytestmark = pytest.mark.django_db(transaction=True)

SALE: dict[str, Any] = {"amount_minor": 7000, "tip_minor": 500, "currency": "USD"}


def handle(after: timedelta = timedelta(0)) -> int:
    return handle_webhook_events(now=timezone.now() + after)


def get_outcomes() -> list[tuple[str, str]]:
    rows = WebhookEvent.objects.order_by("pk")
    return [(event.state, event.explanation or event.error) for event in rows]


def sell(simulator, connection: Connection, **changes: Any) -> dict[str, Any]:
    """A sale that was not taken through us, a minute ago; the processor's own object."""
    minute_ago = simulator.now() - timedelta(minutes=1)
    sale = SALE | {"occurred_at": minute_ago.isoformat()} | changes
    account = SimulatedAccount(connection.processor, connection.account_id, "")
    sold: dict[str, Any] = simulator.record_sales(account, [sale])["sales"][0]
    return sold


def take(barber, processor: str = "platform", token: str = "pm_card_visa") -> Payment:
    order = Order(
        barber=barber,
        amount=Money(75_00, "USD"),
        tip=Money(0, "USD"),
        payment_methods={processor: token},
    )
    return take_payment(order=order, by="usr_test", now=timezone.now()).payment


def claim(barber) -> PaymentLeg:
    """A leg that is written down and not sent yet."""
    order = Order(
        barber=barber,
        amount=Money(75_00, "USD"),
        tip=Money(0, "USD"),
        payment_methods={"platform": "pm_card_visa"},
    )
    now = timezone.now()
    quote, tokens = route_order(order, now=now)
    leg = claim_payment(order=order, quote=quote, tokens=tokens, by="usr_test", now=now)
    assert isinstance(leg, PaymentLeg)
    return leg


@pytest.fixture
def barber(transactional_db):
    barber = factories.create_barber()
    factories.create_config(barber, mode=Mode.DECENTRALIZED)
    return barber


def test_a_terminal_sale_at_stripe_comes_by_its_event_with_its_fee(barber, connect, simulator):
    connection = connect(barber, "stripe")
    door = open_door(connection)
    sell(simulator, connection)

    for event in list_events(connection):
        door.send(event)
    handle()

    sale = ExternalTransaction.objects.get()
    assert (sale.amount_minor, sale.fee_minor, sale.state) == (75_00, 248, "completed")
    assert sale.barber == barber
    assert get_balances() == {"receivable": 15_00, "commission": -15_00}
    assert {state for state, _ in get_outcomes()} == {"handled", "ignored"}
    assert get_failed_checks() == set()


def test_a_terminal_sale_at_square_comes_by_its_event_with_its_tip(barber, connect, simulator):
    connection = connect(barber, "square")
    door = open_door(connection)
    sell(simulator, connection)

    (event,) = list_payment_events(connection)
    door.send(event)
    handle()

    sale = ExternalTransaction.objects.get()
    assert (sale.amount_minor, sale.tip_minor, sale.fee_minor) == (75_00, 5_00, 205)
    assert get_balances() == {"receivable": 14_00, "commission": -14_00}
    assert get_outcomes() == [("handled", "")]


def test_square_is_not_asked_for_a_fee_that_it_has_not_told(barber, connect, simulator):
    """Its event is the whole object; the fee comes with the next one."""
    connection = connect(barber, "square")
    payment = {**sell(simulator, connection), "processing_fee": []}
    asked = len(simulator.requests(connection.account_id))

    open_door(connection).send(
        square_event("payment.updated", payment, merchant_id=connection.account_id)
    )
    handle()

    assert ExternalTransaction.objects.get().fee_minor is None
    assert len(simulator.requests(connection.account_id)) == asked


def test_an_older_word_of_a_sale_changes_nothing(barber, connect, simulator):
    connection = connect(barber, "square")
    door = open_door(connection)
    sell(simulator, connection)
    (payment,) = list_payments(connection)
    older = {**payment, "processing_fee": [], "updated_at": payment["created_at"]}

    for obj in [payment, older, payment]:
        door.send(square_event("payment.updated", obj, merchant_id=connection.account_id))
    handle()

    assert ExternalTransaction.objects.get().fee_minor == 205
    assert get_outcomes() == [("handled", "")] * 3


def test_a_payment_that_took_no_money_is_ignored(barber, connect, simulator):
    connection = connect(barber, "square")
    door = open_door(connection)
    sell(simulator, connection)
    (payment,) = list_payments(connection)

    for status in ["APPROVED", "CANCELED", "FAILED", "PENDING"]:
        failed = {**payment, "status": status}
        door.send(square_event("payment.updated", failed, merchant_id=connection.account_id))
    handle()

    assert get_outcomes() == [("ignored", "no_money_moved")] * 4
    assert ExternalTransaction.objects.count() == 0


def test_the_fee_is_learned_later_when_the_processor_does_not_answer(
    barber, connect, simulator, settings
):
    settings.PROCESSOR_RETRY_SECONDS = 0.01
    connection = connect(barber, "stripe")
    door = open_door(connection)
    sell(simulator, connection)
    events = list_events(connection)
    address = settings.STRIPE_API_BASE
    settings.STRIPE_API_BASE = "http://127.0.0.1:9/nobody"

    for event in events:
        door.send(event)
    handle()

    sale = ExternalTransaction.objects.get()
    assert (sale.state, sale.fee_minor) == ("completed", None)
    assert "retrying" in {state for state, _ in get_outcomes()}
    settings.STRIPE_API_BASE = address
    settings.BREAKER_OPEN_SECONDS = 0

    handle(after=timedelta(minutes=1))

    sale.refresh_from_db()
    assert sale.fee_minor == 248
    assert get_failed_checks() == set()


def test_an_event_of_a_sale_that_is_settled_changes_nothing(platform, simulator):
    take(factories.create_barber())
    door = open_door(platform)
    before = get_balances()

    for event in list_events(platform):
        door.send(event)
    handle()

    assert get_balances() == before
    assert ExternalTransaction.objects.count() == 1
    assert {state for state, _ in get_outcomes()} == {"handled", "ignored"}
    assert get_failed_checks() == set()


def test_a_lost_answer_is_settled_as_soon_as_the_event_comes(platform, simulator, settings):
    settings.QUESTION_SCHEDULE_SECONDS = [86_400]
    simulator.add_fault("reset_after", operation="charge")
    payment = take(factories.create_barber())
    assert payment.state == PaymentState.UNKNOWN
    assert settle_unknown_legs(now=timezone.now()) == 0
    door = open_door(platform)

    for event in list_events(platform):
        door.send(event)
    handle()
    settle_unknown_legs(now=timezone.now())

    payment.refresh_from_db()
    assert payment.state == PaymentState.COMPLETED
    assert ExternalTransaction.objects.get().payment == payment
    assert get_failed_checks() == set()


def test_an_event_that_overtakes_the_answer_waits_for_it(platform, simulator):
    """The leg is under way: whoever sent the charge settles it, or the sweeper when he died."""
    leg = claim(factories.create_barber())
    door = open_door(platform)
    sell(simulator, platform, amount_minor=75_00, tip_minor=0, reference=leg.public_id)
    events = list_events(platform)
    charged = next(event for event in events if event["type"] == "charge.succeeded")

    door.send(charged)
    handle()
    assert [state for state, _ in get_outcomes()] == ["retrying"]
    mark_lost_legs(now=timezone.now() + timedelta(minutes=2))
    handle(after=timedelta(minutes=2))
    settle_unknown_legs(now=timezone.now() + timedelta(minutes=2))

    leg.refresh_from_db()
    assert leg.state == LegState.CAPTURED
    assert [state for state, _ in get_outcomes()] == ["handled"]
    assert get_failed_checks() == set()


def test_our_reference_on_another_account_is_not_our_sale(platform, connect, barber, simulator):
    payment = take(factories.create_barber())
    connection = connect(barber, "stripe")
    door = open_door(connection)
    sell(simulator, connection, reference=payment.legs.get().public_id)

    for event in list_events(connection):
        door.send(event)
    handle()

    stranger = ExternalTransaction.objects.get(connection=connection)
    assert stranger.payment is None
    assert stranger.barber == barber


def test_money_on_the_platform_that_nobody_expects_is_kept_apart(platform, simulator):
    door = open_door(platform)
    sell(simulator, platform)

    for event in list_events(platform):
        door.send(event)
    handle()

    assert Discrepancy.objects.get().kind == "unexplained_movement"
    assert get_balances()["suspense"] < 0
    assert get_failed_checks() == set()


@pytest.mark.parametrize(
    ("field", "value", "named"),
    [
        ("amount", 2**63, "amount"),
        ("amount", -1, "amount"),
        ("amount", 75.5, "amount"),
        ("amount", "7500", "amount"),
        ("currency", "qqq", "currency"),
        ("status", "teleported", "status"),
    ],
)
def test_what_cannot_be_read_changes_nothing(platform, simulator, field, value, named):
    door = open_door(platform)
    sell(simulator, platform)
    charged = next(event for event in list_events(platform) if event["type"].startswith("charge."))

    door.send(stripe_event("charge.succeeded", charged["data"]["object"] | {field: value}))
    handle()

    assert get_outcomes() == [("ignored", f"not_understood: {named}")]
    assert ExternalTransaction.objects.count() == 0
