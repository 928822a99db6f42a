"""Unknown outcomes: asked about on a schedule, settled by the processor's word alone."""

from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from bookedbarber.foundation.money import Money
from payments.models import Discrepancy, ExternalTransaction, Payment, PaymentLeg
from payments.operations.charges import take_payment
from payments.operations.claims import Order
from payments.operations.evidence import Evidence, Outcome
from payments.operations.questioning import MOST_AT_ONCE
from payments.operations.settlement import settle_leg
from payments.operations.unknowns import settle_unknown_legs
from payments.states import DiscrepancyKind, LegState, Mode, PaymentState
from tests import factories
from tests.payments.books import get_failed_checks
from tests.processors.raw_server import RawServer, answers, hangs_up_after, resets

pytestmark = pytest.mark.django_db(transaction=True)

GARBAGE = answers("{not json")


@pytest.fixture
def lost(platform, settings):
    """Stripe's answers are lost; its address is given back by `lost.find_again()`."""
    settings.PROCESSOR_RETRY_SECONDS = 0.01
    settings.BREAKER_FAILURES = 100  # it goes by the real clock, these tests by their own
    with Lost(settings) as server:
        yield server


class Lost(RawServer):
    def __init__(self, settings) -> None:
        super().__init__(answer=hangs_up_after())
        self._settings, self._real = settings, settings.STRIPE_API_BASE

    def __enter__(self):
        super().__enter__()
        self._settings.STRIPE_API_BASE = self.url
        return self

    def find_again(self) -> None:
        self._settings.STRIPE_API_BASE = self._real


def take(barber, token="pm_card_visa", account="platform") -> Payment:
    order = Order(
        barber=barber,
        amount=Money(75_00, "USD"),
        tip=Money(0, "USD"),
        payment_methods={account: token},
    )
    return take_payment(order=order, by="usr_test", now=timezone.now()).payment


def later(**interval) -> datetime:
    return timezone.now() + timedelta(**interval)


def test_a_charge_that_never_arrived_is_repeated_under_its_key(lost, platform, simulator):
    payment = take(factories.create_barber())
    lost.find_again()

    assert settle_unknown_legs(now=later(seconds=6)) == 1

    payment.refresh_from_db()
    assert payment.state == PaymentState.COMPLETED
    (charged,) = simulator.journal(platform.account_id)
    assert charged["reference"] == payment.legs.get().public_id
    assert get_failed_checks() == set()


def test_a_charge_whose_answer_was_lost_is_found_and_not_repeated(platform, simulator, settings):
    barber = factories.create_barber()
    simulator.add_fault("reset_after", operation="charge")
    payment = take(barber)
    assert payment.state == PaymentState.UNKNOWN

    settle_unknown_legs(now=later(seconds=6))

    payment.refresh_from_db()
    assert payment.state == PaymentState.COMPLETED
    assert len(simulator.journal(platform.account_id)) == 1


def test_a_decline_whose_answer_was_lost_is_a_decline(lost, platform, simulator):
    payment = take(factories.create_barber(), token="pm_card_chargeDeclined")
    lost.find_again()

    settle_unknown_legs(now=later(seconds=6))

    payment.refresh_from_db()
    assert payment.state == PaymentState.FAILED
    assert simulator.journal(platform.account_id) == []


def test_nobody_is_asked_before_it_is_due(lost):
    take(factories.create_barber())
    lost.find_again()

    assert settle_unknown_legs(now=later(seconds=1)) == 0


def test_questions_grow_rarer_while_nothing_is_known(lost, settings):
    settings.PROBE_SECONDS = 10**6
    payment = take(factories.create_barber())
    lost.answer = GARBAGE

    now, waits = timezone.now(), []
    for _ in range(5):
        leg = payment.legs.get()
        waits.append(round((leg.next_check_at - now).total_seconds()))
        now = leg.next_check_at
        settle_unknown_legs(now=now)

    assert waits == [5, 15, 60, 300, 3600]
    assert payment.legs.get().state == LegState.UNKNOWN


def test_all_legs_of_an_account_are_asked_about_once_it_answers_again(
    lost, platform, simulator, settings
):
    settings.PROBE_SECONDS = 0.001
    barber = factories.create_barber()
    payments = [take(barber) for _ in range(3)]
    for minutes in (1, 2, 3):
        settle_unknown_legs(now=later(minutes=minutes))
    lost.find_again()

    settle_unknown_legs(now=later(minutes=4))
    settle_unknown_legs(now=later(minutes=4, seconds=5))

    for payment in payments:
        payment.refresh_from_db()
    assert {payment.state for payment in payments} == {PaymentState.COMPLETED}
    assert len(simulator.journal(platform.account_id)) == 3


def test_a_silent_account_is_asked_once_in_a_round(lost):
    barber = factories.create_barber()
    for _ in range(3):
        take(barber)
    before = len(lost.requests)

    assert settle_unknown_legs(now=later(seconds=6)) == 1

    paths = {request.path.split("?")[0] for request in lost.requests[before:]}
    assert paths <= {"/v1/payment_intents"}


def test_of_a_silent_account_another_leg_is_asked_about_next(lost, settings):
    settings.QUESTION_SCHEDULE_SECONDS = [60.0]
    barber = factories.create_barber()
    first, second = take(barber), take(barber)

    assert settle_unknown_legs(now=later(seconds=61)) == 1

    assert second.legs.get().next_check_at < first.legs.get().next_check_at


def test_a_charge_that_its_processor_never_explains_holds_up_no_other(simulator, platform):
    """Stripe stores a failure of its own under the key, and repeats it for a day."""
    barber = factories.create_barber()
    simulator.add_fault("stored_error", operation="charge")
    stuck = take(barber)
    simulator.add_fault("reset_after", operation="charge")
    charged = take(barber)

    settle_unknown_legs(now=later(seconds=6))

    charged.refresh_from_db()
    stuck.refresh_from_db()
    assert (stuck.state, charged.state) == (PaymentState.UNKNOWN, PaymentState.COMPLETED)


def test_a_refusal_of_a_repeated_charge_proves_nothing(lost, platform, simulator):
    """The first sending may still land: the key was revoked only since."""
    payment = take(factories.create_barber())
    lost.find_again()
    platform.seal_credentials({"secret_key": "sk_test_revoked"})
    platform.save()

    settle_unknown_legs(now=later(seconds=6))

    payment.refresh_from_db()
    assert payment.state == PaymentState.UNKNOWN


def test_after_a_day_a_person_is_asked(lost, settings):
    payment = take(factories.create_barber())
    lost.answer = resets()

    settle_unknown_legs(now=later(hours=24))

    found = Discrepancy.objects.get()
    assert (found.kind, found.leg) == (DiscrepancyKind.OUTCOME_UNKNOWN, payment.legs.get())
    assert payment.legs.get().state == LegState.UNKNOWN


def test_the_tokens_of_the_payer_are_gone_once_the_payment_is_final(lost):
    payment = take(factories.create_barber())
    payment.refresh_from_db()
    assert b"pm_card_visa" not in bytes(payment.sealed_tokens)
    lost.find_again()

    settle_unknown_legs(now=later(seconds=6))

    payment.refresh_from_db()
    assert payment.sealed_tokens is None


def test_money_on_a_closed_leg_is_kept_apart_for_a_person(platform, simulator):
    barber = factories.create_barber()
    payment = take(barber, token="pm_card_chargeDeclined")
    leg = payment.legs.get()
    other = take(barber)
    late = ExternalTransaction.objects.get(payment=other)
    movement = make_movement(late, reference=leg.public_id)

    settle_leg(
        leg=leg,
        evidence=Evidence(outcome=Outcome.CAPTURED, external_id="pi_late", movement=movement),
        by="usr_test",
        now=timezone.now(),
    )

    leg.refresh_from_db()
    payment.refresh_from_db()
    assert (leg.state, payment.state) == (LegState.FAILED, PaymentState.FAILED)
    found = Discrepancy.objects.get()
    assert (found.kind, found.leg) == (DiscrepancyKind.MONEY_ON_CLOSED_LEG, leg)
    assert get_failed_checks() == set()


def test_fallback_waits_for_nothing_unknown(platform, connect, settings, simulator):
    """The barber's account loses its answer; the healthy platform is not tried."""
    barber = factories.create_barber()
    factories.create_config(barber, mode=Mode.DECENTRALIZED)
    square = connect(barber)
    simulator.add_fault("reset_after", account_id=square.account_id, operation="charge")
    order = Order(
        barber=barber,
        amount=Money(75_00, "USD"),
        tip=Money(0, "USD"),
        payment_methods={"platform": "pm_card_visa", "square": "cnon:card-nonce-ok"},
    )

    payment = take_payment(order=order, by="usr_test", now=timezone.now()).payment
    assert (payment.state, PaymentLeg.objects.count()) == (PaymentState.UNKNOWN, 1)

    settle_unknown_legs(now=later(seconds=6))

    payment.refresh_from_db()
    assert (payment.state, payment.decision) == (PaymentState.COMPLETED, "external")
    assert simulator.journal(platform.account_id) == []


def test_a_silent_account_is_probed_although_its_legs_wait_for_hours(lost, platform, settings):
    settings.PROBE_SECONDS = 0.001
    payment = take(factories.create_barber())
    settle_unknown_legs(now=later(seconds=6))
    payment.legs.update(next_check_at=later(hours=1))
    lost.find_again()

    settle_unknown_legs(now=later(seconds=30))

    payment.refresh_from_db()
    assert payment.state == PaymentState.COMPLETED


def make_movement(row: ExternalTransaction, *, reference: str):
    from dataclasses import replace

    from processors.adapters.stripe.translate import to_movement

    stated = to_movement(row.payload.raw)
    return replace(stated, external_id="ch_late", group_id="pi_late", our_reference=reference)


def test_a_queue_longer_than_a_batch_is_worked_off_in_one_sweep(lost, platform, settings):
    barber = factories.create_barber()
    count = MOST_AT_ONCE + 3
    payments = [take(barber) for _ in range(count)]
    lost.find_again()

    assert settle_unknown_legs(now=later(seconds=6)) == count

    assert {Payment.objects.get(pk=each.pk).state for each in payments} == {PaymentState.COMPLETED}


def test_one_reading_of_a_list_serves_all_legs_of_an_account(lost, platform, simulator):
    barber = factories.create_barber()
    for _ in range(5):
        take(barber)
    lost.find_again()

    settle_unknown_legs(now=later(seconds=6))

    asked = [(row["method"], row["path"]) for row in simulator.requests(platform.account_id)]
    assert asked.count(("GET", "/stripe/v1/payment_intents")) == 1
    assert {each.state for each in Payment.objects.all()} == {PaymentState.COMPLETED}


def test_a_list_too_long_to_be_read_is_no_silence_and_the_charge_is_repeated(
    platform, simulator, settings
):
    settings.LIST_SECONDS = 0
    simulator.add_fault("reset_after", operation="charge")
    payment = take(factories.create_barber())
    sale = {"amount_minor": 20_00, "currency": "USD", "occurred_at": later().isoformat()}
    simulator.record_sales(platform, [sale] * 101)

    settle_unknown_legs(now=later(seconds=6))

    payment.refresh_from_db()
    assert payment.state == PaymentState.COMPLETED
    ours = [row for row in simulator.journal(platform.account_id) if row["reference"]]
    assert [row["reference"] for row in ours] == [payment.legs.get().public_id]


def test_an_account_is_listed_from_its_own_oldest_leg_on(platform, connect, simulator, settings):
    """Another account's leg is older, and this one's list as long since then as can be."""
    settings.LIST_SECONDS = 0
    barber = factories.create_barber()
    factories.create_config(barber, mode=Mode.DECENTRALIZED)
    square = connect(barber)
    simulator.add_fault("reset_after", operation="charge", times=2)
    old = take(factories.create_barber())
    new = take(barber, account="square", token="cnon:card-nonce-ok")
    PaymentLeg.objects.filter(payment=old).update(created_at=later(hours=-20))
    sale = {"amount_minor": 20_00, "currency": "USD", "occurred_at": later(hours=-5).isoformat()}
    simulator.record_sales(square, [sale] * 101)

    settle_unknown_legs(now=later(seconds=6))

    new.refresh_from_db()
    assert new.state == PaymentState.COMPLETED
    asked = [(row["method"], row["path"]) for row in simulator.requests(square.account_id)]
    assert asked.count(("POST", "/square/v2/payments")) == 1
