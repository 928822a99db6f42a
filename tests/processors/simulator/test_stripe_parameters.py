"""What Stripe says to a request that makes no sense."""

from typing import Any

import pytest
import stripe

from tests.processors.simulator.conftest import CARD_SALE, Sandbox


@pytest.mark.parametrize(
    ("changes", "code", "param"),
    [
        ({"foo": 1}, "parameter_unknown", "foo"),
        ({"metadata": {"a": {"b": "c"}}}, None, "metadata[a]"),
        ({"automatic_payment_methods": {"enabled": True, "x": 1}}, "parameter_unknown", None),
        ({"amount": "75.00"}, "parameter_invalid_integer", "amount"),
        ({"amount": "abc"}, "parameter_invalid_integer", "amount"),
        ({"amount": ""}, "parameter_invalid_empty", "amount"),
        ({"amount": -5}, "parameter_invalid_integer", "amount"),
        ({"amount": 0}, "parameter_invalid_integer", "amount"),
        ({"amount": 49}, "amount_too_small", "amount"),
        ({"amount": 100_000_000}, "amount_too_large", "amount"),
        ({"currency": "xxx"}, None, "currency"),
        ({"confirm": "perhaps"}, None, "confirm"),
        ({"capture_method": "later"}, None, "capture_method"),
        ({"allowed_payment_method_types": "card"}, None, "allowed_payment_method_types"),
    ],
)
def test_the_parameter_that_is_wrong_is_named(
    sandbox: Sandbox, changes: dict[str, Any], code: str | None, param: str | None
) -> None:
    account = sandbox.put_account("stripe")
    client = sandbox.stripe_client(account.secret)

    with pytest.raises(stripe.InvalidRequestError) as refused:
        client.v1.payment_intents.create({**CARD_SALE, **changes})

    assert refused.value.http_status == 400
    assert refused.value.code == code
    assert refused.value.param == (param or "automatic_payment_methods[x]")
    assert sandbox.movements(account) == []


def test_a_required_parameter_is_missed(sandbox: Sandbox) -> None:
    client = sandbox.new_stripe()

    with pytest.raises(stripe.InvalidRequestError) as refused:
        client.v1.payment_intents.create({"currency": "usd"})

    assert (refused.value.code, refused.value.param) == ("parameter_missing", "amount")


def test_a_minimum_of_the_accounts_own_counts(sandbox: Sandbox) -> None:
    client = sandbox.new_stripe(minimum_minor=1000)

    with pytest.raises(stripe.InvalidRequestError, match=r"at least 10\.00 USD"):
        client.v1.payment_intents.create({**CARD_SALE, "amount": 999})


@pytest.mark.parametrize(("amount", "works"), [(49, False), (50, True)])
def test_yen_have_a_minimum_of_their_own(sandbox: Sandbox, amount: int, works: bool) -> None:
    client = sandbox.new_stripe(currencies=["JPY"], country="JP")

    if works:
        sale = client.v1.payment_intents.create({**CARD_SALE, "amount": 50, "currency": "jpy"})
        assert sale.status == "succeeded"
        return
    with pytest.raises(stripe.InvalidRequestError, match="at least 50 JPY"):
        client.v1.payment_intents.create({**CARD_SALE, "amount": amount, "currency": "jpy"})


def test_only_some_properties_can_be_expanded(sandbox: Sandbox) -> None:
    client = sandbox.new_stripe()

    with pytest.raises(stripe.InvalidRequestError) as refused:
        client.v1.payment_intents.create({**CARD_SALE, "expand": ["amount"]})

    assert refused.value.code == "property_cannot_be_expanded"
    assert client.v1.payment_intents.list().data == []


def test_a_list_can_be_expanded(sandbox: Sandbox) -> None:
    client = sandbox.new_stripe()
    client.v1.payment_intents.create(CARD_SALE)

    [intent] = client.v1.payment_intents.list(
        {"expand": ["data.latest_charge.balance_transaction", "data.payment_method"]}
    ).data

    charge: Any = intent.latest_charge
    method: Any = intent.payment_method
    assert charge.balance_transaction.fee == 248
    assert method.card.last4 == "4242"


def test_metadata_with_numbers_for_keys_stays_metadata(sandbox: Sandbox) -> None:
    client = sandbox.new_stripe()

    intent: Any = client.v1.payment_intents.create({**CARD_SALE, "metadata": {"0": "a", "1": "b"}})

    assert intent.metadata.to_dict() == {"0": "a", "1": "b"}


def test_an_unknown_address_says_so(sandbox: Sandbox) -> None:
    client = sandbox.new_stripe()

    with pytest.raises(stripe.InvalidRequestError, match="Unrecognized request URL") as refused:
        client.v1.tax_rates.list()

    assert refused.value.http_status == 404
