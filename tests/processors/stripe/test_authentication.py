"""A card whose bank wants to ask its holder, with the real SDK against the simulator."""

from dataclasses import replace

import pytest

from bookedbarber.foundation.ids import new_public_id
from bookedbarber.foundation.money import Money
from processors.contract import AccountChecks, ChargeRequest, Charges, ChargeState
from processors.errors import CredentialsRefused
from processors.registry import get_adapter

REQUEST = ChargeRequest(
    reference=new_public_id("leg"),
    amount=Money(75_00, "USD"),
    tip=Money.zero("USD"),
    payment_token="pm_card_authenticationRequired",
)


@pytest.fixture
def account(simulator):
    return simulator.create_account("stripe")


@pytest.fixture
def charges(account):
    return get_adapter(account.get_access(), Charges)


def test_a_card_that_requires_authentication_moves_nothing_yet(charges, account, simulator):
    statement = charges.charge(REQUEST)

    assert (statement.state, statement.movement) == (ChargeState.REQUIRES_ACTION, None)
    assert statement == charges.retrieve_charge(statement.external_id, REQUEST)
    assert simulator.journal(account.account_id) == []


def test_it_says_what_the_payer_must_do_and_shows_no_secret(charges):
    statement = charges.charge(REQUEST)

    assert statement.next_action.type == "use_stripe_sdk"
    assert statement.next_action.client_secret.startswith(statement.external_id)
    assert statement.next_action.client_secret not in repr(statement)


def test_it_can_be_canceled_and_then_never_moves(charges, account, simulator):
    asked = charges.charge(REQUEST)

    first = charges.cancel_charge(asked.external_id, REQUEST)
    second = charges.cancel_charge(asked.external_id, REQUEST)

    assert first == second
    assert first.state is ChargeState.CANCELED
    assert simulator.journal(account.account_id) == []


def test_once_the_holder_agreed_canceling_says_what_moved(charges, simulator):
    asked = charges.charge(REQUEST)
    simulator.authenticate(asked.external_id)

    statement = charges.cancel_charge(asked.external_id, REQUEST)

    assert statement.state is ChargeState.CAPTURED
    assert statement.movement.amount == REQUEST.amount


def test_a_hold_may_need_the_holder_too(charges, account, simulator):
    held = replace(REQUEST, reference=new_public_id("leg"), capture=False)
    asked = charges.charge(held)
    assert asked.state is ChargeState.REQUIRES_ACTION
    simulator.authenticate(asked.external_id)

    statement = charges.retrieve_charge(asked.external_id, held)

    assert statement.state is ChargeState.AUTHORIZED
    assert simulator.journal(account.account_id) == []


def test_a_holder_who_refuses_is_a_failure_that_says_why(charges, account, simulator):
    asked = charges.charge(REQUEST)
    simulator.authenticate(asked.external_id, succeeds=False)

    statement = charges.retrieve_charge(asked.external_id, REQUEST)

    assert statement.state is ChargeState.FAILED
    assert statement.failure_code == "payment_intent_authentication_failure"
    assert statement.failure_message
    assert simulator.journal(account.account_id) == []


@pytest.mark.parametrize(
    ("environment", "secret"), [("sandbox", "sk_live_1"), ("production", "rk_test_1")]
)
def test_a_key_of_the_other_environment_is_refused_unasked(simulator, environment, secret):
    account = simulator.create_account("stripe", secret=f"{secret}{new_public_id('x')}")

    with pytest.raises(CredentialsRefused):
        get_adapter(account.get_access(environment=environment), AccountChecks).describe_account()

    assert simulator.requests(account.account_id) == []
