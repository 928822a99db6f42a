from datetime import UTC, datetime, timedelta

import pytest

from bookedbarber.foundation.money import Money
from processors.adapters.stripe.statements import to_statement
from processors.adapters.stripe.translate import to_payment_intent_form
from processors.contract import ChargeRequest, ChargeState
from processors.transport import NotUnderstood
from tests.processors.stripe import samples

REQUEST = ChargeRequest(
    reference="leg_1", amount=Money(75_00, "USD"), tip=Money(10_00, "USD"), payment_token="pm_1"
)
HELD = ChargeRequest(
    reference="leg_1",
    amount=REQUEST.amount,
    tip=REQUEST.tip,
    payment_token="pm_1",
    capture=False,
)


def read(answer, **changes):
    return to_statement(answer | changes, REQUEST)


def held_with(**charge):
    answer = samples.held(REQUEST)
    return answer | {"latest_charge": answer["latest_charge"] | charge}


@pytest.mark.parametrize(("request_", "method"), [(REQUEST, "automatic"), (HELD, "manual")])
def test_a_hold_is_captured_by_hand(request_, method):
    assert to_payment_intent_form(request_)["capture_method"] == method


@pytest.mark.parametrize(
    ("status", "state"),
    [
        ("succeeded", ChargeState.CAPTURED),
        ("processing", ChargeState.PENDING),
        ("requires_confirmation", ChargeState.PENDING),
        ("requires_payment_method", ChargeState.PENDING),
        ("canceled", ChargeState.CANCELED),
    ],
)
def test_the_state_follows_the_status(status, state):
    assert read(samples.charged(REQUEST), status=status).state is state


@pytest.mark.parametrize("status", ["teleported", None, 5, "Succeeded"])
def test_a_status_it_does_not_know_is_not_understood(status):
    with pytest.raises(NotUnderstood):
        read(samples.charged(REQUEST), status=status)


@pytest.mark.parametrize("state", ["canceled", "failed"])
@pytest.mark.parametrize("received", [1, 7500, "0", -1])
def test_what_received_money_is_neither_canceled_nor_failed(state, received):
    with pytest.raises(NotUnderstood):
        read(getattr(samples, state)(REQUEST), amount_received=received)


@pytest.mark.parametrize("error", [None, {}, {"message": "?"}, {"code": "not a code!"}])
def test_without_a_reason_it_has_not_failed_yet(error):
    assert read(samples.failed(REQUEST), last_payment_error=error).state is ChargeState.PENDING


def test_the_failed_charge_gives_the_reason_too():
    charge = {"status": "failed", "failure_code": "card_declined"}

    statement = read(samples.failed(REQUEST), last_payment_error=None, latest_charge=charge)

    assert (statement.state, statement.failure_code) == (ChargeState.FAILED, "card_declined")


def test_a_failure_without_a_decline_code_says_its_code():
    error = {"code": "payment_intent_authentication_failure", "message": "x" * 1000}

    statement = read(samples.failed(REQUEST), last_payment_error=error)

    assert statement.failure_code == "payment_intent_authentication_failure"
    assert len(statement.failure_message) == 500


def test_a_hold_without_a_date_ends_after_seven_days():
    statement = read(held_with(payment_method_details={"type": "card"}))

    assert statement.expires_at == datetime.fromtimestamp(1_800_000_000, UTC) + timedelta(days=7)


@pytest.mark.parametrize(
    "charge",
    [
        {"captured": True},
        {"refunded": True},
        {"status": "failed"},
        {"amount": 74_99},
        {"payment_intent": "pi_2"},
        {"currency": "cad"},
        {"metadata": {"reference": "leg_2"}},
        {"payment_method_details": {"card": {"capture_before": "soon"}}},
    ],
    ids=str,
)
def test_a_hold_whose_charge_says_otherwise_is_not_understood(charge):
    with pytest.raises(NotUnderstood):
        read(held_with(**charge))


def test_a_redirect_says_where_the_payer_comes_back_to():
    redirect = {"url": "https://bank.example", "return_url": "https://pay.example/back"}
    action = {"type": "redirect_to_url", "redirect_to_url": redirect}

    statement = read(samples.charged(REQUEST), status="requires_action", next_action=action)

    assert statement.state is ChargeState.REQUIRES_ACTION
    assert statement.next_action.type == "redirect_to_url"
    assert statement.next_action.return_url == "https://pay.example/back"
    assert statement.next_action.client_secret == "pi_1_secret_abc"


@pytest.mark.parametrize(
    "changes",
    [
        {"next_action": None},
        {"next_action": {}},
        {"next_action": {"type": "use_stripe_sdk"}, "client_secret": None},
    ],
)
def test_an_action_that_is_not_said_is_not_understood(changes):
    with pytest.raises(NotUnderstood):
        read(samples.charged(REQUEST) | {"status": "requires_action"} | changes)
