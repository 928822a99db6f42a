import pytest

from bookedbarber.foundation.money import Money
from processors.adapters.square.statements import to_statement
from processors.adapters.square.translate import to_payment_body
from processors.contract import ChargeRequest, ChargeState
from processors.transport import NotUnderstood
from tests.processors.square import samples

REQUEST = ChargeRequest(
    reference="leg_1", amount=Money(75_00, "USD"), tip=Money(10_00, "USD"), payment_token="cnon:1"
)
HELD = ChargeRequest(
    reference="leg_1",
    amount=REQUEST.amount,
    tip=REQUEST.tip,
    payment_token="cnon:1",
    capture=False,
)


def read(location_id="LOC1", **changes):
    return to_statement(samples.payment(REQUEST) | changes, REQUEST, location_id=location_id)


def test_a_hold_is_not_completed_and_ends_by_itself():
    body = to_payment_body(HELD, location_id="")

    assert body["autocomplete"] is False
    assert (body["delay_duration"], body["delay_action"]) == ("PT24H", "CANCEL")


def test_a_charge_is_completed_and_has_no_delay():
    body = to_payment_body(REQUEST, location_id="")

    assert body["autocomplete"] is True
    assert "delay_action" not in body


@pytest.mark.parametrize(
    ("status", "state"),
    [
        ("COMPLETED", ChargeState.CAPTURED),
        ("APPROVED", ChargeState.AUTHORIZED),
        ("PENDING", ChargeState.PENDING),
        ("CANCELED", ChargeState.CANCELED),
        ("FAILED", ChargeState.FAILED),
    ],
)
def test_the_state_follows_the_status(status, state):
    statement = read(status=status)

    assert statement.state is state
    assert (statement.movement is not None) == (state is ChargeState.CAPTURED)


@pytest.mark.parametrize("status", ["TELEPORTED", None, 5, "completed"])
def test_a_status_it_does_not_know_is_not_understood(status):
    with pytest.raises(NotUnderstood):
        read(status=status)


@pytest.mark.parametrize("details", [None, {}, {"errors": None}, {"errors": []}, {"errors": "x"}])
def test_a_failure_may_come_without_a_reason(details):
    statement = read(status="FAILED", card_details=details)

    assert (statement.state, statement.failure_code) == (ChargeState.FAILED, "")


@pytest.mark.parametrize("errors", [["x"], [{"code": "X", "detail": 5}]])
def test_a_reason_that_is_none_is_not_understood(errors):
    with pytest.raises(NotUnderstood):
        read(status="FAILED", card_details={"errors": errors})


def test_a_hold_may_come_without_its_end():
    assert read(status="APPROVED").expires_at is None


@pytest.mark.parametrize("status", ["COMPLETED", "APPROVED", "CANCELED", "FAILED", "PENDING"])
@pytest.mark.parametrize(
    "changes",
    [
        {"location_id": "LOC2"},
        {"reference_id": "leg_2"},
        {"total_money": {"amount": 75_01, "currency": "USD"}},
        {"tip_money": {"amount": 9_99, "currency": "USD"}},
        {"amount_money": {"amount": 65_00, "currency": "CAD"}},
    ],
    ids=str,
)
def test_another_payment_is_not_believed_in_any_state(status, changes):
    with pytest.raises(NotUnderstood):
        read(status=status, **changes)


def test_without_a_location_of_ours_any_is_right():
    assert read(location_id="").state is ChargeState.CAPTURED
