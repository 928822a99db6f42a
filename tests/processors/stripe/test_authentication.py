"""A card whose bank wants to ask its holder, with the real SDK against the simulator."""

import pytest

from bookedbarber.foundation.ids import new_public_id
from bookedbarber.foundation.money import Money
from processors.contract import AccountChecks, ChargeRequest, Charges, ChargeState
from processors.errors import CredentialsRefused, RequestRefused
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
    result = charges.charge(REQUEST)

    assert (result.state, result.movement) == (ChargeState.REQUIRES_ACTION, None)
    assert simulator.journal(account.account_id) == []


def test_it_can_be_canceled_and_then_never_moves(charges, account, simulator):
    result = charges.charge(REQUEST)

    charges.cancel_charge(result.external_id)
    charges.cancel_charge(result.external_id)

    assert simulator.journal(account.account_id) == []


def test_it_can_not_be_canceled_once_the_holder_agreed(charges, simulator):
    result = charges.charge(REQUEST)
    simulator.authenticate(result.external_id)

    with pytest.raises(RequestRefused):
        charges.cancel_charge(result.external_id)


@pytest.mark.parametrize(
    ("environment", "secret"), [("sandbox", "sk_live_1"), ("production", "rk_test_1")]
)
def test_a_key_of_the_other_environment_is_refused_unasked(simulator, environment, secret):
    account = simulator.create_account("stripe", secret=f"{secret}{new_public_id('x')}")

    with pytest.raises(CredentialsRefused):
        get_adapter(account.get_access(environment=environment), AccountChecks).describe_account()

    assert simulator.requests(account.account_id) == []
