"""Holding, capturing, canceling and finding charges: the real SDKs against the simulator."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from threading import Barrier

import pytest

from bookedbarber.foundation.ids import new_public_id
from bookedbarber.foundation.money import Money
from processors.contract import ChargeRequest, Charges, ChargeState, ChargeStatement, MovementState
from processors.errors import AnswerLost, CardDeclined, RequestRefused
from processors.registry import get_adapter
from tests.processors.contract_cases import each_processor
from tests.processors.test_adapters_with_simulator import (
    DECLINED_TOKENS,
    a_request,
    account,
    charges,
    charges_of,
    moved_by,
)

__all__ = ["account", "charges"]

LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)
HOLDS = {"stripe": timedelta(days=7), "square": timedelta(hours=24)}


@pytest.fixture
def request_(processor: str) -> ChargeRequest:
    return a_request(processor, tip=Money(10_00, "USD"), capture=False)


@pytest.fixture
def later(simulator):
    """Moves the simulator's clock, and back at the end: it is everybody's."""
    moved: list[float] = []

    def advance(time: timedelta) -> None:
        moved.append(time.total_seconds())
        simulator.advance(time.total_seconds())

    yield advance
    simulator.advance(-sum(moved))


def capture(charges, held: ChargeStatement, request: ChargeRequest) -> ChargeStatement:
    key = f"{request.reference}:capture"
    return charges.capture_charge(held.external_id, request, idempotency_key=key)


@each_processor
def test_a_hold_moves_nothing_and_ends_by_itself(
    processor, charges, account, simulator, request_, later
):
    held = charges.charge(request_)

    assert (held.state, held.movement) == (ChargeState.AUTHORIZED, None)
    assert abs(held.expires_at - simulator.now() - HOLDS[processor]) < timedelta(minutes=1)
    assert charges.retrieve_charge(held.external_id, request_) == held

    later(HOLDS[processor] + timedelta(minutes=1))

    ended = charges.retrieve_charge(held.external_id, request_)
    assert ended.state is ChargeState.CANCELED
    assert simulator.journal(account.account_id) == []


@each_processor
def test_a_captured_hold_moved_what_a_charge_moves(
    processor, charges, account, simulator, request_
):
    direct = moved_by(charges.charge(a_request(processor, tip=request_.tip)))
    held = charges.charge(request_)

    moved = moved_by(capture(charges, held, request_))

    for name in ("kind", "state", "amount", "tip", "fee", "method"):
        assert getattr(moved, name) == getattr(direct, name), name
    assert moved.our_reference == request_.reference
    assert abs(moved.occurred_at - direct.occurred_at) < timedelta(minutes=1)
    assert (moved.available_at is None) == (direct.available_at is None)
    assert moved.version >= direct.version or processor == "square"
    assert [row["amount_minor"] for row in charges_of(account, simulator)] == [75_00, 75_00]


@each_processor
def test_capturing_again_says_the_same_and_moves_nothing(charges, account, simulator, request_):
    held = charges.charge(request_)

    first, second = (capture(charges, held, request_) for _ in range(2))
    with_another_key = charges.capture_charge(held.external_id, request_, idempotency_key="other")

    assert first == second == with_another_key
    assert len(charges_of(account, simulator)) == 1


@each_processor
def test_canceling_again_is_no_failure(charges, account, simulator, request_):
    held = charges.charge(request_)

    first, second = (charges.cancel_charge(held.external_id, request_) for _ in range(2))

    assert first == second
    assert (first.state, first.external_id) == (ChargeState.CANCELED, held.external_id)
    assert simulator.journal(account.account_id) == []


@each_processor
def test_canceling_what_was_captured_says_what_moved(charges, request_):
    held = charges.charge(request_)
    captured = capture(charges, held, request_)

    assert charges.cancel_charge(held.external_id, request_) == captured


@each_processor
def test_capturing_what_was_canceled_says_so(charges, account, simulator, request_):
    held = charges.charge(request_)
    canceled = charges.cancel_charge(held.external_id, request_)

    assert capture(charges, held, request_) == canceled
    assert simulator.journal(account.account_id) == []


@each_processor
def test_capturing_what_ran_out_says_so(processor, charges, account, simulator, request_, later):
    held = charges.charge(request_)
    later(HOLDS[processor] + timedelta(minutes=1))

    assert capture(charges, held, request_).state is ChargeState.CANCELED
    assert simulator.journal(account.account_id) == []


@each_processor
def test_a_charge_captured_at_once_can_not_be_canceled(processor, charges):
    request = a_request(processor)
    charged = charges.charge(request)

    assert charges.cancel_charge(charged.external_id, request) == charged


@each_processor
@pytest.mark.parametrize("round_", range(3))
def test_of_captures_and_cancels_at_once_one_wins_and_all_agree(
    charges, account, simulator, request_, round_
):
    held = charges.charge(request_)
    start = Barrier(8)

    def act(number: int) -> ChargeState | None:
        start.wait(timeout=60)
        try:
            if number % 2:
                return capture(charges, held, request_).state
            return charges.cancel_charge(held.external_id, request_).state
        except AnswerLost:  # a conflict with another of them: nobody knows, so ask
            return None

    with ThreadPoolExecutor(8) as threads:
        said = set(threads.map(act, range(8))) - {None}

    end = charges.retrieve_charge(held.external_id, request_)
    assert said == {end.state}
    assert len(charges_of(account, simulator)) == (end.state is ChargeState.CAPTURED)


@each_processor
def test_nobody_knows_what_is_not_there(processor, charges):
    request = a_request(processor)
    name = {"stripe": "pi_404", "square": "p404"}[processor]

    for act in (
        lambda: charges.retrieve_charge(name, request),
        lambda: charges.cancel_charge(name, request),
        lambda: charges.capture_charge(name, request, idempotency_key="c"),
    ):
        with pytest.raises(RequestRefused):
            act()
    assert charges.find_charge(request, since=LONG_AGO) is None


@each_processor
def test_another_accounts_payment_is_not_there(processor, charges, simulator):
    request = a_request(processor)
    charged = charges.charge(request)
    stranger = get_adapter(simulator.create_account(processor).get_access(), Charges)

    with pytest.raises(RequestRefused):
        stranger.retrieve_charge(charged.external_id, request)
    assert stranger.find_charge(request, since=LONG_AGO) is None


@each_processor
def test_a_charge_is_found_on_a_later_page_between_other_peoples(
    processor, charges, account, simulator
):
    request = a_request(processor)
    since = simulator.now() - timedelta(minutes=5)
    sale = {"amount_minor": 75_00, "currency": "USD", "reference": "leg_other"}
    sales = [sale | {"occurred_at": since.isoformat()}] * 130
    simulator.record_sales(account, sales)
    charged = charges.charge(request)
    simulator.record_sales(account, sales)

    assert charges.find_charge(request, since=since) == charged

    lists = [row for row in simulator.requests(account.account_id) if row["method"] == "GET"]
    assert len(lists) >= 3


@each_processor
def test_what_was_made_before_is_not_looked_at(processor, charges, simulator, later):
    request = a_request(processor)
    charges.charge(request)
    later(timedelta(hours=1))

    assert charges.find_charge(request, since=simulator.now()) is None


@each_processor
def test_a_held_one_is_found_and_can_be_canceled(charges, simulator, request_):
    held = charges.charge(request_)

    found = charges.find_charge(request_, since=simulator.now() - timedelta(minutes=5))

    assert found == held
    assert charges.cancel_charge(found.external_id, request_).state is ChargeState.CANCELED


@each_processor
def test_a_declined_one_is_found_as_failed(processor, charges, simulator):
    request = a_request(processor, payment_token=DECLINED_TOKENS[processor])
    with pytest.raises(CardDeclined) as raised:
        charges.charge(request)

    found = charges.find_charge(request, since=simulator.now() - timedelta(minutes=5))

    assert (found.state, found.external_id) == (ChargeState.FAILED, raised.value.external_id)
    assert (found.failure_code, found.movement) == (raised.value.reason, None)


@each_processor
def test_a_fee_that_comes_later_is_in_a_later_statement(processor, simulator, later):
    account = simulator.create_account(processor, fee_delay_seconds=3600)
    charges = get_adapter(account.get_access(), Charges)
    request = a_request(processor)
    first = charges.charge(request)
    later(timedelta(hours=2))

    second = charges.retrieve_charge(first.external_id, request)

    assert (moved_by(first).fee, moved_by(second).state) == (None, MovementState.COMPLETED)
    assert moved_by(second).fee.amount_minor > 0
    assert moved_by(second).version > moved_by(first).version


@each_processor
def test_a_second_reference_is_a_second_payment(charges, simulator, request_):
    other = replace(request_, reference=new_public_id("leg"))
    first, second = charges.charge(request_), charges.charge(other)
    since = simulator.now() - timedelta(minutes=5)

    assert charges.find_charge(request_, since=since) == first
    assert charges.find_charge(other, since=since) == second
    with pytest.raises(AnswerLost):
        charges.retrieve_charge(second.external_id, request_)
