"""Taking money through Stripe's payment intents."""

from typing import Any

import pytest
import stripe

from tests.processors.simulator.conftest import CARD_SALE, Sandbox, error_of

EXPANDED = {"expand": ["latest_charge.balance_transaction"]}


def test_a_confirmed_sale_has_a_charge_with_its_fee(sandbox: Sandbox) -> None:
    client = sandbox.new_stripe()

    intent = client.v1.payment_intents.create(
        {**CARD_SALE, "metadata": {"reference": "leg_1"}, **EXPANDED}
    )

    assert intent.status == "succeeded"
    assert intent.amount_received == 7500
    charge: Any = intent.latest_charge
    assert (charge.status, charge.captured, charge.metadata["reference"]) == (
        "succeeded",
        True,
        "leg_1",
    )
    posted = charge.balance_transaction
    assert (posted.fee, posted.net, posted.amount) == (248, 7252, 7500)
    assert posted.fee_details[0].amount == 248
    assert posted.available_on == posted.created + 2 * 86_400


def test_the_journal_counts_the_sale_once_with_fee_and_reference(sandbox: Sandbox) -> None:
    account = sandbox.put_account("stripe")
    client = sandbox.stripe_client(account.secret)

    intent = client.v1.payment_intents.create({**CARD_SALE, "metadata": {"reference": "leg_7"}})

    [movement] = sandbox.movements(account)
    assert movement["object_id"] == intent.latest_charge
    assert (movement["amount_minor"], movement["fee_minor"]) == (7500, 248)
    assert (movement["kind"], movement["reference"]) == ("charge", "leg_7")


def test_an_intent_is_created_then_confirmed(sandbox: Sandbox) -> None:
    client = sandbox.new_stripe()

    created = client.v1.payment_intents.create({"amount": 500, "currency": "usd"})
    confirmed = client.v1.payment_intents.confirm(created.id, {"payment_method": "pm_card_amex"})

    assert created.status == "requires_payment_method"
    assert confirmed.status == "succeeded"
    method = client.v1.payment_methods.retrieve(str(confirmed.payment_method))
    assert method.card is not None
    assert method.card.brand == "amex"


def test_an_intent_can_be_changed_until_it_is_confirmed(sandbox: Sandbox) -> None:
    client = sandbox.new_stripe()
    intent = client.v1.payment_intents.create(
        {"amount": 500, "currency": "usd", "metadata": {"a": "1", "b": "2"}}
    )

    changed = client.v1.payment_intents.update(
        intent.id,
        {"amount": 900, "metadata": {"a": ""}, "payment_method": "pm_card_visa"},
    )

    assert changed.amount == 900
    assert changed.metadata.to_dict() == {"b": "2"}
    assert changed.status == "requires_confirmation"
    assert client.v1.payment_intents.confirm(intent.id).amount_received == 900


def test_manual_capture_moves_money_only_when_captured(sandbox: Sandbox) -> None:
    account = sandbox.put_account("stripe")
    client = sandbox.stripe_client(account.secret)

    held = client.v1.payment_intents.create({**CARD_SALE, "capture_method": "manual"})
    before = sandbox.movements(account)
    taken = client.v1.payment_intents.capture(held.id, {"amount_to_capture": 5000})

    assert (held.status, held.amount_capturable, held.amount_received) == (
        "requires_capture",
        7500,
        0,
    )
    assert before == []
    assert (taken.status, taken.amount_capturable, taken.amount_received) == ("succeeded", 0, 5000)
    [movement] = sandbox.movements(account)
    assert (movement["amount_minor"], movement["fee_minor"]) == (5000, 175)


def test_more_than_was_authorized_cannot_be_captured(sandbox: Sandbox) -> None:
    client = sandbox.new_stripe()
    held = client.v1.payment_intents.create({**CARD_SALE, "capture_method": "manual"})

    with pytest.raises(stripe.InvalidRequestError) as refused:
        client.v1.payment_intents.capture(held.id, {"amount_to_capture": 7501})

    assert refused.value.code == "amount_too_large"
    assert client.v1.payment_intents.retrieve(held.id).status == "requires_capture"


def test_a_canceled_authorization_is_released_without_money(sandbox: Sandbox) -> None:
    account = sandbox.put_account("stripe")
    client = sandbox.stripe_client(account.secret)
    held = client.v1.payment_intents.create({**CARD_SALE, "capture_method": "manual"})

    canceled = client.v1.payment_intents.cancel(
        held.id, {"cancellation_reason": "abandoned", "expand": ["latest_charge"]}
    )

    assert (canceled.status, canceled.cancellation_reason) == ("canceled", "abandoned")
    charge: Any = canceled.latest_charge
    assert (charge.captured, charge.refunded) == (False, True)
    assert sandbox.movements(account) == []


@pytest.mark.parametrize("act", ["confirm", "capture", "cancel"])
def test_a_finished_intent_refuses_every_act_and_says_its_state(sandbox: Sandbox, act: str) -> None:
    client = sandbox.new_stripe()
    intent = client.v1.payment_intents.create(CARD_SALE)

    with pytest.raises(stripe.InvalidRequestError, match="succeeded") as refused:
        getattr(client.v1.payment_intents, act)(intent.id)

    assert refused.value.code == "payment_intent_unexpected_state"
    assert error_of(refused).payment_intent.id == intent.id


def test_confirming_without_a_payment_method_is_refused(sandbox: Sandbox) -> None:
    client = sandbox.new_stripe()

    with pytest.raises(stripe.InvalidRequestError, match="missing a payment method"):
        client.v1.payment_intents.create({"amount": 500, "currency": "usd", "confirm": True})


def test_a_currency_the_account_does_not_settle_is_converted(sandbox: Sandbox) -> None:
    account = sandbox.put_account("stripe", currencies=["USD", "CAD"])
    client = sandbox.stripe_client(account.secret)

    euros: Any = client.v1.payment_intents.create(
        {**CARD_SALE, "amount": 10000, "currency": "eur", **EXPANDED}
    )
    dollars: Any = client.v1.payment_intents.create({**CARD_SALE, "currency": "cad", **EXPANDED})

    converted = euros.latest_charge.balance_transaction
    assert (converted.currency, converted.amount, converted.exchange_rate) == ("usd", 10800, 1.08)
    assert converted.fee == 343  # 2.9 % of 108.00 + 0.30
    plain = dollars.latest_charge.balance_transaction
    assert (plain.currency, plain.exchange_rate) == ("cad", None)
    assert [each["settlement_currency"] for each in sandbox.movements(account)] == ["USD", "CAD"]


def test_an_account_that_may_not_charge_is_refused(sandbox: Sandbox) -> None:
    client = sandbox.new_stripe(charges_enabled=False)

    with pytest.raises(stripe.InvalidRequestError, match="cannot currently make charges"):
        client.v1.payment_intents.create(CARD_SALE)

    assert client.v1.accounts.retrieve_current().charges_enabled is False


def test_ids_of_another_account_do_not_exist(sandbox: Sandbox) -> None:
    mine, theirs = sandbox.new_stripe(), sandbox.new_stripe()
    intent = theirs.v1.payment_intents.create(CARD_SALE)

    with pytest.raises(stripe.InvalidRequestError) as refused:
        mine.v1.payment_intents.retrieve(intent.id)

    assert (refused.value.http_status, refused.value.code) == (404, "resource_missing")
    assert mine.v1.payment_intents.list().data == []
