"""The adapters with the vendors' real SDKs against the simulator, over HTTP."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest

from bookedbarber.foundation.ids import new_public_id
from bookedbarber.foundation.money import Money
from processors import registry
from processors.contract import (
    AccountChecks,
    ChargeRequest,
    Charges,
    ChargeState,
    ChargeStatement,
    Movement,
    MovementState,
    PaymentMethodKind,
)
from processors.errors import AnswerLost, CardDeclined, CredentialsRefused, RequestRefused
from tests.processors.contract_cases import each_processor, samples_of
from tests.simulation import SimulatedAccount

DECLINED_TOKENS = {"stripe": "pm_card_chargeDeclined", "square": "cnon:card-nonce-declined"}
FEES_OF_75 = {"stripe": 2_48, "square": 2_05}


@pytest.fixture
def account(processor: str, simulator) -> SimulatedAccount:
    return simulator.create_account(processor, name="Ann's shop", country="US")


@pytest.fixture
def charges(account: SimulatedAccount) -> Charges:
    return registry.get_adapter(account.get_access(), Charges)


def a_request(processor: str, **changes: Any) -> ChargeRequest:
    request = ChargeRequest(
        reference=new_public_id("leg"),
        amount=Money(75_00, "USD"),
        tip=Money.zero("USD"),
        payment_token=samples_of(processor).PAYMENT_TOKEN,
        description="A haircut",
    )
    return replace(request, **changes)


@each_processor
def test_an_account_describes_itself(account):
    description = registry.get_adapter(account.get_access(), AccountChecks).describe_account()

    assert (description.account_id, description.name) == (account.account_id, "Ann's shop")
    assert (description.country, description.currencies) == ("US", ("USD",))
    assert description.abilities == ("payments", "refunds")


@each_processor
def test_an_account_that_may_not_charge_says_so(processor, simulator):
    account = simulator.create_account(processor, charges_enabled=False)

    description = registry.get_adapter(account.get_access(), AccountChecks).describe_account()

    assert "payments" not in description.abilities


@each_processor
def test_an_account_of_another_country_describes_its_currency(processor, simulator):
    account = simulator.create_account(processor, country="CA", currencies=["CAD"])

    description = registry.get_adapter(account.get_access(), AccountChecks).describe_account()

    assert (description.country, description.currencies) == ("CA", ("CAD",))


def test_a_stripe_account_describes_all_it_settles_in(simulator):
    account = simulator.create_account("stripe", currencies=["CAD", "USD"])

    description = registry.get_adapter(account.get_access(), AccountChecks).describe_account()

    assert description.currencies == ("CAD", "USD")


def test_a_square_location_takes_one_currency_and_its_own_payments(simulator):
    account = simulator.create_account("square", currencies=["CAD", "USD"])
    places = {place["currency"]: place["id"] for place in account.described["locations"]}
    access = account.get_access(location_id=places["USD"])

    description = registry.get_adapter(access, AccountChecks).describe_account()
    charged = registry.get_adapter(access, Charges).charge(a_request("square"))

    assert (description.currencies, description.details["location_id"]) == (
        ("USD",),
        places["USD"],
    )
    assert moved_by(charged).raw["location_id"] == places["USD"]


@each_processor
def test_a_wrong_secret_is_refused(processor, account):
    access = replace(account, secret="sim_wrong").get_access()

    with pytest.raises(CredentialsRefused):
        registry.get_adapter(access, AccountChecks).describe_account()
    with pytest.raises(CredentialsRefused):
        registry.get_adapter(access, Charges).charge(a_request(processor))


@each_processor
def test_a_charge_moves_what_it_says(processor, charges, account, simulator):
    request = a_request(processor, tip=Money(10_00, "USD"))

    result = charges.charge(request)

    moved = moved_by(result)
    assert (result.state, moved.state) == (ChargeState.CAPTURED, MovementState.COMPLETED)
    assert (moved.amount, moved.tip) == (Money(75_00, "USD"), Money(10_00, "USD"))
    assert moved.fee == Money(FEES_OF_75[processor], "USD")
    assert moved.method is PaymentMethodKind.CARD
    assert moved.our_reference == request.reference
    assert abs((moved.occurred_at - simulator.now()).total_seconds()) < 60
    [journaled] = [row for row in simulator.journal(account.account_id) if row["kind"] == "charge"]
    assert (journaled["object_id"], journaled["amount_minor"]) == (moved.external_id, 75_00)
    assert (journaled["tip_minor"], journaled["reference"]) == (
        10_00,
        request.reference,
    )


@each_processor
def test_a_fee_that_comes_later_is_unknown_at_first(processor, simulator):
    account = simulator.create_account(processor, fee_delay_seconds=3600)
    adapter = registry.get_adapter(account.get_access(), Charges)

    assert moved_by(adapter.charge(a_request(processor))).fee is None


@each_processor
def test_the_same_request_twice_charges_once(processor, charges, account, simulator):
    request = a_request(processor)

    first, second = charges.charge(request), charges.charge(request)

    assert moved_by(first).external_id == moved_by(second).external_id
    assert len(charges_of(account, simulator)) == 1


@each_processor
def test_twenty_at_once_charge_once(processor, charges, account, simulator):
    request = a_request(processor)
    start = threading.Barrier(20)

    def charge() -> ChargeStatement | AnswerLost:
        start.wait(timeout=60)
        return outcome_of(lambda: charges.charge(request))

    with ThreadPoolExecutor(20) as threads:
        outcomes = [future.result() for future in [threads.submit(charge) for _ in range(20)]]

    captured = [outcome for outcome in outcomes if isinstance(outcome, ChargeStatement)]
    assert {moved_by(result).external_id for result in captured} == {
        row["object_id"] for row in charges_of(account, simulator)
    }
    assert len(charges_of(account, simulator)) == 1


@each_processor
def test_a_reference_reused_for_another_amount_is_not_a_refusal(processor, charges):
    request = a_request(processor)
    charges.charge(request)

    with pytest.raises(AnswerLost):
        charges.charge(replace(request, amount=Money(80_00, "USD")))


@each_processor
def test_a_decline_moves_nothing(processor, charges, account, simulator):
    request = a_request(processor, payment_token=DECLINED_TOKENS[processor])

    with pytest.raises(CardDeclined) as raised:
        charges.charge(request)

    assert raised.value.reason
    assert raised.value.external_id
    assert simulator.journal(account.account_id) == []


@each_processor
@pytest.mark.parametrize(
    "changes",
    [
        {"payment_token": "tok_of_nobody"},
        {"amount": Money(0, "USD")},
        {"amount": Money(10**12, "USD")},
    ],
    ids=["unknown token", "nothing", "too much"],
)
def test_what_the_processor_will_not_do_is_refused(processor, charges, account, simulator, changes):
    with pytest.raises(RequestRefused):
        charges.charge(a_request(processor, **changes))

    assert simulator.journal(account.account_id) == []


def moved_by(result: ChargeStatement) -> Movement:
    assert result.movement is not None
    return result.movement


def charges_of(account: SimulatedAccount, simulator) -> list[dict]:
    return [row for row in simulator.journal(account.account_id) if row["kind"] == "charge"]


def outcome_of(act: Callable[[], ChargeStatement]) -> ChargeStatement | AnswerLost:
    """While the first is in flight, a processor may answer the others with a conflict."""
    try:
        return act()
    except AnswerLost as lost:
        return lost
