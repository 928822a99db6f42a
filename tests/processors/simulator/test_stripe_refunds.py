"""Giving money back through Stripe."""

from typing import Any

import pytest
import stripe

from tests.processors.simulator.conftest import CARD_SALE, Sandbox


def test_a_refund_returns_the_amount_and_not_the_fee(sandbox: Sandbox) -> None:
    account = sandbox.put_account("stripe")
    client = sandbox.stripe_client(account.secret)
    intent = client.v1.payment_intents.create({**CARD_SALE, "metadata": {"reference": "leg_3"}})

    refund: Any = client.v1.refunds.create(
        {"payment_intent": intent.id, "expand": ["balance_transaction", "charge"]}
    )

    assert (refund.status, refund.amount) == ("succeeded", 7500)
    posted = refund.balance_transaction
    assert (posted.amount, posted.fee, posted.net, posted.type) == (-7500, 0, -7500, "refund")
    assert (refund.charge.amount_refunded, refund.charge.refunded) == (7500, True)
    charged, returned = sandbox.movements(account)
    assert (returned["amount_minor"], returned["fee_minor"]) == (-7500, 0)
    assert returned["source_id"] == charged["object_id"]
    assert returned["reference"] == "leg_3"


def test_parts_add_up_and_the_rest_is_the_default(sandbox: Sandbox) -> None:
    client = sandbox.new_stripe()
    intent = client.v1.payment_intents.create(CARD_SALE)
    charge_id = str(intent.latest_charge)

    client.v1.refunds.create({"charge": charge_id, "amount": 2500})
    partly = client.v1.charges.retrieve(charge_id)
    rest = client.v1.refunds.create({"charge": charge_id, "reason": "requested_by_customer"})

    assert (partly.amount_refunded, partly.refunded) == (2500, False)
    assert (rest.amount, rest.reason) == (5000, "requested_by_customer")
    listed = client.v1.refunds.list({"charge": charge_id}).data
    assert [refund.amount for refund in listed] == [5000, 2500]


def test_more_than_is_left_is_not_refunded(sandbox: Sandbox) -> None:
    account = sandbox.put_account("stripe")
    client = sandbox.stripe_client(account.secret)
    intent = client.v1.payment_intents.create(CARD_SALE)

    with pytest.raises(stripe.InvalidRequestError) as refused:
        client.v1.refunds.create({"payment_intent": intent.id, "amount": 7501})

    assert refused.value.param == "amount"
    assert len(sandbox.movements(account)) == 1


def test_a_charge_is_refunded_in_full_once(sandbox: Sandbox) -> None:
    client = sandbox.new_stripe()
    intent = client.v1.payment_intents.create(CARD_SALE)
    client.v1.refunds.create({"payment_intent": intent.id})

    with pytest.raises(stripe.InvalidRequestError) as refused:
        client.v1.refunds.create({"payment_intent": intent.id})

    assert refused.value.code == "charge_already_refunded"


def test_what_was_not_captured_is_not_refunded(sandbox: Sandbox) -> None:
    client = sandbox.new_stripe()
    held = client.v1.payment_intents.create({**CARD_SALE, "capture_method": "manual"})

    with pytest.raises(stripe.InvalidRequestError, match="does not have a successful charge"):
        client.v1.refunds.create({"payment_intent": held.id})
    with pytest.raises(stripe.InvalidRequestError, match="not been captured"):
        client.v1.refunds.create({"charge": str(held.latest_charge)})


def test_refund_metadata_can_be_changed(sandbox: Sandbox) -> None:
    client = sandbox.new_stripe()
    intent = client.v1.payment_intents.create(CARD_SALE)
    refund = client.v1.refunds.create({"payment_intent": intent.id, "metadata": {"a": "1"}})

    client.v1.refunds.update(refund.id, {"metadata": {"b": "2"}})

    read: Any = client.v1.refunds.retrieve(refund.id)
    assert read.metadata.to_dict() == {"a": "1", "b": "2"}


def test_a_card_refund_cannot_be_canceled(sandbox: Sandbox) -> None:
    client = sandbox.new_stripe()
    intent = client.v1.payment_intents.create(CARD_SALE)
    refund = client.v1.refunds.create({"payment_intent": intent.id})

    with pytest.raises(stripe.InvalidRequestError, match="cannot be canceled"):
        client.v1.refunds.cancel(refund.id)


def test_a_pending_refund_completes_on_the_clock(own_sandbox: Sandbox) -> None:
    client = own_sandbox.new_stripe(refund_delay_seconds=600)
    intent = client.v1.payment_intents.create(CARD_SALE)
    refund = client.v1.refunds.create({"payment_intent": intent.id})

    own_sandbox.advance(601)

    assert refund.status == "pending"
    assert client.v1.refunds.retrieve(refund.id).status == "succeeded"
