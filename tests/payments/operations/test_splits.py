"""A split sale: both legs or neither, the platform's captured first."""

from datetime import timedelta

import pytest
from django.utils import timezone

from bookedbarber.foundation.money import Money
from payments.models import Accrual, Discrepancy, Refund
from payments.operations.checkouts import open_checkout, submit_checkout
from payments.operations.claims import Order, PaymentMethodMissing
from payments.operations.confirmations import confirm_payment
from payments.operations.unknowns import settle_unknown_legs
from payments.operations.voids import void_payment
from payments.states import Decision, DiscrepancyKind, LegRole, LegState, PaymentState
from tests.payments.books import get_balances, get_failed_checks
from tests.payments.splitting import (
    BY,
    TOKENS,
    create_split_barber,
    get_leg,
    get_square,
    list_legs,
    list_moved,
    settle_everything,
    take,
)

pytestmark = pytest.mark.django_db(transaction=True)

MAIN, COMMISSION = LegRole.MAIN, LegRole.COMMISSION
DECLINED = {"square": "cnon:card-nonce-declined"}
COMMISSION_DECLINED = {"platform": "pm_card_chargeDeclined"}
AUTHENTICATES = {"platform": "pm_card_authenticationRequired"}


@pytest.fixture(autouse=True)
def _quick(settings):
    settings.PROCESSOR_RETRY_SECONDS = 0.01
    settings.BREAKER_FAILURES = 1000  # it goes by the real clock, these tests by their own


@pytest.fixture
def barber(platform, connect):
    return create_split_barber(connect)


def list_calls(simulator, connection) -> list[str]:
    """What was asked of an account that may move money, by the end of its path."""
    requests = simulator.requests(connection.account_id)
    return [row["path"].rsplit("/", 1)[-1] for row in requests if row["method"] == "POST"]


def test_the_commission_is_taken_on_the_platform_and_the_rest_on_the_barbers_account(
    barber, platform, simulator
):
    payment = take(barber, 300_00, tip_minor=50_00)

    assert (payment.state, payment.decision) == (PaymentState.COMPLETED, Decision.SPLIT)
    assert list_legs(payment) == [
        (MAIN, LegState.CAPTURED, 250_00),
        (COMMISSION, LegState.CAPTURED, 50_00),
    ]
    assert list_moved(simulator, platform) == [("charge", 50_00)]
    assert list_moved(simulator, get_square(barber)) == [("charge", 250_00)]
    assert get_failed_checks() == set()


def test_nothing_is_left_to_collect_and_the_commission_leg_costs_the_platform_its_fee(barber):
    take(barber, 300_00)

    # Stripe: 2.9 % of 60.00 and 0.30
    assert get_balances() == {
        "clearing": 60_00 - 2_04,
        "commission": -60_00,
        "processing_fees": 2_04,
    }
    (accrual,) = Accrual.objects.all()
    assert (accrual.commission_minor, accrual.kept_minor, accrual.amount_minor) == (60_00, 60_00, 0)


def test_the_answer_shows_both_legs_and_the_barbers_own_fee(barber, api):
    body = {"amount": "300.00", "payment_methods": TOKENS}

    answer = api(barber.user).post("/api/v1/hybrid-payments/process", body).json()

    # Square: 2.6 % of 240.00 and 0.10
    assert (answer["routing_decision"], answer["external_processor"]) == ("split", "square")
    assert (answer["commission_amount"], answer["commission_collected"]) == ("60.00", True)
    assert (answer["processing_fee"], answer["net_amount"]) == ("6.34", "233.66")
    assert [(leg["role"], leg["amount"]) for leg in answer["legs"]] == [
        ("main", "240.00"),
        ("commission", "60.00"),
    ]


def test_the_route_names_both_legs(barber, platform, api):
    body = {"amount": "300.00"}

    answer = api(barber.user).post("/api/v1/hybrid-payments/route", body).json()

    assert (answer["routing_decision"], answer["reason"]) == ("split", "above_split_threshold")
    assert answer["routing_details"]["legs"] == [
        {"connection_id": get_square(barber).pk, "amount": "240.00"},
        {"connection_id": platform.pk, "amount": "60.00"},
    ]
    assert answer["estimated_fees"]["net_amount"] == "233.66"


def test_a_declined_first_leg_ends_it_and_the_second_never_exists(barber, platform, simulator):
    payment = take(barber, **DECLINED)

    assert payment.state == PaymentState.FAILED
    assert list_legs(payment) == [(MAIN, LegState.FAILED, 240_00)]
    assert list_calls(simulator, platform) == []


def test_a_first_leg_that_is_technically_refused_falls_back_whole(barber, platform, simulator):
    payment = take(barber, square="cnon:unheard-of")

    assert (payment.state, payment.decision) == (PaymentState.COMPLETED, Decision.FALLBACK)
    assert list_legs(payment) == [
        (MAIN, LegState.FAILED, 240_00),
        (MAIN, LegState.CAPTURED, 300_00),
    ]
    assert list_moved(simulator, platform) == [("charge", 300_00)]
    assert get_failed_checks() == set()


def test_a_declined_second_leg_releases_the_first(barber, simulator, api):
    body = {"amount": "300.00", "payment_methods": TOKENS | COMMISSION_DECLINED}

    answer = api(barber.user).post("/api/v1/hybrid-payments/process", body)

    assert (answer.status_code, answer.json()["error"]["code"]) == (402, "PAYMENT_DECLINED")
    square = get_square(barber)
    assert list_calls(simulator, square)[-1] == "cancel"
    assert list_moved(simulator, square) == []
    payment = barber.payments.get()
    assert list_legs(payment) == [
        (MAIN, LegState.VOIDED, 240_00),
        (COMMISSION, LegState.FAILED, 60_00),
    ]
    assert get_balances() == {}
    assert get_failed_checks() == set()


def test_the_platforms_leg_is_captured_before_the_barbers(barber, platform, simulator):
    take(barber)

    captures = [
        (row["account_id"], row["sequence"])
        for connection in (platform, get_square(barber))
        for row in simulator.requests(connection.account_id)
        if row["path"].endswith(("/capture", "/complete"))
    ]
    ordered = sorted(captures, key=lambda capture: capture[1])
    assert [account for account, _ in ordered] == [
        platform.account_id,
        get_square(barber).account_id,
    ]


def test_a_platform_leg_that_cannot_be_captured_releases_both(barber, platform, simulator):
    simulator.add_fault("revoked_token", account_id=platform.account_id, operation="capture")

    payment = take(barber)
    settle_everything()

    payment.refresh_from_db()
    assert payment.state == PaymentState.FAILED
    assert list_moved(simulator, platform) == list_moved(simulator, get_square(barber)) == []
    assert get_failed_checks() == set()


def test_a_barbers_leg_that_cannot_be_captured_gives_the_commission_back(
    barber, platform, simulator
):
    square = get_square(barber)
    simulator.add_fault("revoked_token", account_id=square.account_id, operation="capture")

    payment = take(barber)

    assert payment.state == PaymentState.FAILED
    assert list_moved(simulator, square) == []
    assert [minor for _, minor in list_moved(simulator, platform)] == [60_00, -60_00]
    (refund,) = Refund.objects.all()
    assert (refund.is_compensation, refund.state, refund.amount_minor) == (True, "succeeded", 60_00)
    # What the platform lost is the processor's fee.
    assert get_balances() == {"clearing": -2_04, "processing_fees": 2_04}
    assert get_failed_checks() == set()


FAULTS = ["time_out_before", "time_out_after", "error_before", "error_after", "reset_before",
          "reset_after", "stored_error", "garbage", "truncated", "other_amount", "conflict",
          "rate_limited", "commit_late"]  # fmt: skip


STEPS = ["main charge", "platform charge", "platform capture", "main capture"]
# A charge whose key answers with a stored failure for ever is a person's.
CASES = [(step, kind) for step in STEPS for kind in FAULTS
         if not (kind == "stored_error" and step.endswith("charge"))]  # fmt: skip


@pytest.mark.parametrize(("step", "kind"), CASES)
def test_whatever_happens_to_a_call_the_sale_ends_whole(
    barber, platform, simulator, settings, step, kind
):
    if kind.startswith("time_out"):
        settings.PROCESSOR_TIMEOUT_SECONDS = 0.5
    account, operation = step.split()
    connection = platform if account == "platform" else get_square(barber)
    seconds = {"seconds": 0.2} if kind in {"commit_late", "rate_limited"} else {}
    simulator.add_fault(
        kind, account_id=connection.account_id, operation=operation, times=1, **seconds
    )

    payment = take(barber)
    assert payment.state in {PaymentState.UNKNOWN, PaymentState.COMPLETED}
    settings.PROCESSOR_TIMEOUT_SECONDS = 20.0
    simulator.clear_faults()
    settle_everything()

    payment.refresh_from_db()
    assert payment.state == PaymentState.COMPLETED
    assert list_moved(simulator, platform) == [("charge", 60_00)]
    assert list_moved(simulator, get_square(barber)) == [("charge", 240_00)]
    assert get_failed_checks() == set()


@pytest.mark.parametrize(
    "kind", ["time_out_before", "time_out_after", "error_after", "reset_before"]
)
def test_whatever_happens_to_the_release_nothing_is_kept(
    barber, platform, simulator, settings, kind
):
    if kind.startswith("time_out"):
        settings.PROCESSOR_TIMEOUT_SECONDS = settings.QUESTION_BUDGET_SECONDS = 0.5
    square = get_square(barber)
    simulator.add_fault(kind, account_id=square.account_id, operation="cancel", times=1)

    payment = take(barber, **COMMISSION_DECLINED)
    settings.PROCESSOR_TIMEOUT_SECONDS = settings.QUESTION_BUDGET_SECONDS = 20.0
    simulator.clear_faults()
    settle_everything()

    payment.refresh_from_db()
    assert payment.state == PaymentState.FAILED
    assert list_legs(payment)[0] == (MAIN, LegState.VOIDED, 240_00)
    assert list_moved(simulator, square) == []
    assert get_failed_checks() == set()


def test_while_the_second_leg_is_unknown_the_first_stays_held(barber, platform, simulator):
    simulator.add_fault("reset_before", account_id=platform.account_id, times="always")

    payment = take(barber)

    assert payment.state == PaymentState.UNKNOWN
    assert list_legs(payment) == [
        (MAIN, LegState.AUTHORIZED, 240_00),
        (COMMISSION, LegState.UNKNOWN, 60_00),
    ]
    assert list_calls(simulator, get_square(barber)) == ["payments"]
    assert get_failed_checks() == set()


def test_a_hold_that_ended_before_its_capture_gives_the_commission_back(
    barber, platform, simulator, settings
):
    settings.QUESTION_BUDGET_SECONDS = 3
    square = get_square(barber)
    simulator.add_fault(
        "time_out_before", account_id=square.account_id, operation="capture", times=1
    )
    simulator.add_fault("error_before", account_id=square.account_id, operation="retrieve")
    payment = take(barber)
    leg = get_leg(payment, MAIN)
    assert (payment.state, leg.operation) == (PaymentState.UNKNOWN, "capture")

    settings.QUESTION_BUDGET_SECONDS = 20
    simulator.clear_faults()
    simulator.advance(25 * 3600)
    settle_everything()

    payment.refresh_from_db()
    assert payment.state == PaymentState.FAILED
    assert [minor for _, minor in list_moved(simulator, platform)] == [60_00, -60_00]
    assert list_moved(simulator, square) == []


def test_a_person_is_told_before_a_hold_ends(barber, simulator):
    square = get_square(barber)
    for operation in ("capture", "retrieve"):
        simulator.add_fault(
            "error_before", account_id=square.account_id, operation=operation, times="always"
        )
    payment = take(barber)
    leg = get_leg(payment, MAIN)

    settle_unknown_legs(now=leg.expires_at - timedelta(minutes=61))
    assert not Discrepancy.objects.filter(kind=DiscrepancyKind.HOLD_ENDS).exists()
    settle_unknown_legs(now=leg.expires_at - timedelta(minutes=30))

    assert Discrepancy.objects.filter(kind=DiscrepancyKind.HOLD_ENDS).count() == 1


def test_a_payer_who_must_authenticate_the_second_leg_completes_it(barber, platform, simulator):
    payment = take(barber, **AUTHENTICATES)
    assert payment.state == PaymentState.REQUIRES_ACTION

    simulator.authenticate(get_leg(payment, COMMISSION).external_id)
    confirmed = confirm_payment(payment=payment, by=BY, now=timezone.now())

    assert confirmed.state == PaymentState.COMPLETED
    assert list_moved(simulator, platform) == [("charge", 60_00)]
    assert get_failed_checks() == set()


def test_a_payer_who_fails_to_authenticate_has_both_legs_released(barber, simulator):
    payment = take(barber, **AUTHENTICATES)

    simulator.authenticate(get_leg(payment, COMMISSION).external_id, succeeds=False)
    confirmed = confirm_payment(payment=payment, by=BY, now=timezone.now())

    assert confirmed.state == PaymentState.FAILED
    assert list_legs(payment)[0] == (MAIN, LegState.VOIDED, 240_00)
    assert list_moved(simulator, get_square(barber)) == []


def test_voiding_while_the_payer_authenticates_releases_both_legs(barber, platform, simulator):
    payment = take(barber, **AUTHENTICATES)

    voided = void_payment(payment=payment, by=BY, now=timezone.now())

    assert voided.state == PaymentState.CANCELED
    assert [state for _, state, _ in list_legs(payment)] == [LegState.VOIDED, LegState.VOIDED]
    assert list_moved(simulator, platform) == list_moved(simulator, get_square(barber)) == []
    assert get_failed_checks() == set()


def test_a_payer_who_does_nothing_in_time_has_both_legs_released(barber, platform, settings):
    payment = take(barber, **AUTHENTICATES)

    over = timezone.now() + timedelta(seconds=settings.AUTHENTICATION_SECONDS + 1)
    settle_unknown_legs(now=over)

    payment.refresh_from_db()
    assert payment.state == PaymentState.CANCELED
    assert [state for _, state, _ in list_legs(payment)] == [LegState.VOIDED, LegState.VOIDED]


def open_page(barber):
    order = Order(
        barber=barber, amount=Money(300_00, "USD"), tip=Money(0, "USD"), payment_methods={}
    )
    return open_checkout(order=order, by=BY, now=timezone.now()).payment


def test_a_payment_page_takes_both_legs(barber):
    payment = open_page(barber)

    paid = submit_checkout(payment=payment, payment_methods=TOKENS, by=BY, now=timezone.now())

    assert (paid.state, paid.decision) == (PaymentState.COMPLETED, Decision.SPLIT)


def test_a_payment_page_needs_a_token_for_each_leg(barber, platform):
    payment = open_page(barber)
    half = {"square": TOKENS["square"]}

    with pytest.raises(PaymentMethodMissing, match=f"connection {platform.pk}"):
        submit_checkout(payment=payment, payment_methods=half, by=BY, now=timezone.now())
