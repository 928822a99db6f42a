"""Accounts: who may speak to the simulator, and for whom."""

from typing import Any

import pytest
import stripe
from square.core.api_error import ApiError

from tests.processors.simulator.conftest import CARD_SALE, Sandbox, error_of


def test_a_key_nobody_has_is_refused_as_the_vendors_do(sandbox: Sandbox) -> None:
    with pytest.raises(stripe.AuthenticationError, match="Invalid API Key provided") as stripe_says:
        sandbox.stripe_client("sk_test_of_nobody_at_all").v1.balance.retrieve()
    with pytest.raises(ApiError) as square_says:
        sandbox.square_client("EAAA_of_nobody").locations.list()

    assert "sk_test_of_nobody_at_all" not in str(stripe_says.value)
    assert (stripe_says.value.http_status, square_says.value.status_code) == (401, 401)
    error = square_says.value.errors[0]
    assert (error.category, error.code) == ("AUTHENTICATION_ERROR", "UNAUTHORIZED")


def test_a_stripe_key_is_no_square_token(sandbox: Sandbox) -> None:
    account = sandbox.put_account("stripe")

    with pytest.raises(ApiError):
        sandbox.square_client(account.secret).locations.list()


def test_a_key_can_be_changed(sandbox: Sandbox) -> None:
    account = sandbox.put_account("stripe")
    client = sandbox.stripe_client(account.secret)
    intent = client.v1.payment_intents.create(CARD_SALE)

    renewed = sandbox.put_account("stripe", account_id=account.account_id)

    with pytest.raises(stripe.AuthenticationError):
        client.v1.balance.retrieve()
    now = sandbox.stripe_client(renewed.secret)
    assert now.v1.payment_intents.retrieve(intent.id).id == intent.id


def test_a_platform_acts_for_its_connected_account(sandbox: Sandbox) -> None:
    platform = sandbox.put_account("stripe")
    connected = sandbox.put_account("stripe", platform=platform.account_id, country="CA")
    client = sandbox.stripe_client(platform.secret)
    options: Any = {"stripe_account": connected.account_id}

    client.v1.payment_intents.create(CARD_SALE, options)

    assert len(sandbox.movements(connected)) == 1
    assert sandbox.movements(platform) == []
    assert client.v1.accounts.retrieve(connected.account_id).country == "CA"
    assert client.v1.accounts.retrieve_current().id == platform.account_id


def test_nobody_acts_for_a_stranger(sandbox: Sandbox) -> None:
    client, stranger = sandbox.new_stripe(), sandbox.put_account("stripe")
    options: Any = {"stripe_account": stranger.account_id}

    with pytest.raises(stripe.PermissionError) as refused:
        client.v1.payment_intents.create(CARD_SALE, options)
    with pytest.raises(stripe.PermissionError):
        client.v1.accounts.retrieve(stranger.account_id)

    assert error_of(refused).code == "account_invalid"
    assert sandbox.movements(stranger) == []


def test_accounts_are_listed_with_masked_keys(sandbox: Sandbox) -> None:
    account = sandbox.put_account("stripe", name="Fade")

    listed = sandbox.doors.get("accounts")

    assert account.secret not in listed.text
    [mine] = [a for a in listed.json()["accounts"] if a["account_id"] == account.account_id]
    assert (mine["name"], mine["fee_percent"], mine["fee_fixed_minor"]) == ("Fade", "2.9", 30)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"name": "x"}, "secret"),
        ({"secret": "", "name": "x"}, "secret"),
        ({"secret": "s", "name": "x", "currencies": ["XXX"]}, "currencies"),
        ({"secret": "s", "name": "x", "currencies": []}, "currencies"),
        ({"secret": "s", "name": "x", "fee_percent": -1}, "fee_percent"),
        ({"secret": "s", "name": "x", "country": "Canada"}, "country"),
        ({"secret": "s", "name": "x", "colour": "red"}, "colour"),
        ({"secret": "s", "name": "x", "webhook": {"url": "http://x/"}}, "webhook.secret"),
        ({"secret": "s", "name": "x", "default_currency": "EUR"}, ""),
    ],
)
def test_what_is_wrong_with_an_account_is_named(
    sandbox: Sandbox, body: dict[str, Any], field: str
) -> None:
    answer = sandbox.doors.put("accounts/stripe/acct_wrong", json=body)

    assert answer.status_code == 400
    assert answer.json()["error"]["field"] == field


def test_two_accounts_cannot_have_one_key(sandbox: Sandbox) -> None:
    account = sandbox.put_account("stripe")

    answer = sandbox.doors.put(
        "accounts/stripe/acct_other", json={"secret": account.secret, "name": "x"}
    )

    assert (answer.status_code, answer.json()["error"]["field"]) == (400, "secret")


def test_the_fee_schedule_is_the_accounts(sandbox: Sandbox) -> None:
    account = sandbox.put_account("stripe", fee_percent="1.5", fee_fixed_minor=25)

    sandbox.stripe_client(account.secret).v1.payment_intents.create(CARD_SALE)

    assert sandbox.movements(account)[0]["fee_minor"] == 138  # 112.5 + 25, half up
