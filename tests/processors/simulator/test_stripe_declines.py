"""Cards that do not pay, and cards that ask first."""

from typing import Any

import pytest
import stripe

from tests.processors.simulator.conftest import CARD_SALE, Sandbox, error_of


@pytest.mark.parametrize(
    ("token", "code", "decline_code"),
    [
        ("pm_card_chargeDeclined", "card_declined", "generic_decline"),
        ("pm_card_visa_chargeDeclined", "card_declined", "generic_decline"),
        ("pm_card_chargeDeclinedInsufficientFunds", "card_declined", "insufficient_funds"),
        ("pm_card_visa_chargeDeclinedInsufficientFunds", "card_declined", "insufficient_funds"),
        ("pm_card_chargeDeclinedExpiredCard", "expired_card", "expired_card"),
        ("pm_card_chargeDeclinedIncorrectCvc", "incorrect_cvc", "incorrect_cvc"),
        ("pm_card_chargeDeclinedProcessingError", "processing_error", "processing_error"),
    ],
)
def test_a_decline_is_a_402_with_a_failed_charge_and_no_money(
    sandbox: Sandbox, token: str, code: str, decline_code: str
) -> None:
    account = sandbox.put_account("stripe")
    client = sandbox.stripe_client(account.secret)

    with pytest.raises(stripe.CardError) as declined:
        client.v1.payment_intents.create({**CARD_SALE, "payment_method": token})

    assert (declined.value.http_status, declined.value.code) == (402, code)
    error = error_of(declined)
    assert error.decline_code == decline_code
    intent = client.v1.payment_intents.retrieve(error.payment_intent.id)
    assert intent.status == "requires_payment_method"
    charge = client.v1.charges.retrieve(str(intent.latest_charge))
    assert (charge.status, charge.paid, charge.failure_code) == ("failed", False, code)
    assert sandbox.movements(account) == []


def test_a_declined_intent_can_be_confirmed_with_another_card(sandbox: Sandbox) -> None:
    client = sandbox.new_stripe()
    with pytest.raises(stripe.CardError) as declined:
        client.v1.payment_intents.create({**CARD_SALE, "payment_method": "pm_card_chargeDeclined"})
    intent_id = error_of(declined).payment_intent.id

    paid = client.v1.payment_intents.confirm(intent_id, {"payment_method": "pm_card_visa"})

    assert paid.status == "succeeded"
    assert paid.last_payment_error is None
    charges = client.v1.charges.list({"payment_intent": intent_id}).data
    assert [charge.status for charge in charges] == ["succeeded", "failed"]


@pytest.mark.parametrize(
    "token", ["pm_card_authenticationRequired", "pm_card_threeDSecureRequired"]
)
def test_a_card_that_asks_waits_for_its_holder(sandbox: Sandbox, token: str) -> None:
    account = sandbox.put_account("stripe")
    client = sandbox.stripe_client(account.secret)
    intent = client.v1.payment_intents.create({**CARD_SALE, "payment_method": token})
    assert (intent.status, sandbox.movements(account)) == ("requires_action", [])
    assert intent.next_action is not None
    assert intent.next_action.type == "use_stripe_sdk"

    answer = sandbox.doors.post(f"authenticate/{intent.id}", json={"outcome": "succeed"})

    assert answer.json()["status"] == "succeeded"
    assert client.v1.payment_intents.retrieve(intent.id).status == "succeeded"
    assert len(sandbox.movements(account)) == 1


def test_a_holder_who_says_no_leaves_the_intent_without_a_method(sandbox: Sandbox) -> None:
    client = sandbox.new_stripe()
    intent = client.v1.payment_intents.create(
        {**CARD_SALE, "payment_method": "pm_card_authenticationRequired"}
    )

    sandbox.doors.post(f"authenticate/{intent.id}", json={"outcome": "fail"})

    failed = client.v1.payment_intents.retrieve(intent.id)
    assert failed.status == "requires_payment_method"
    assert failed.last_payment_error is not None
    assert failed.last_payment_error.code == "payment_intent_authentication_failure"


def test_the_bank_shows_a_page_and_sends_people_back(sandbox: Sandbox) -> None:
    client = sandbox.new_stripe(name="Fade & Sons")
    intent = client.v1.payment_intents.create(
        {
            **CARD_SALE,
            "payment_method": "pm_card_authenticationRequired",
            "return_url": "https://shop.example/back",
        }
    )
    action: Any = intent.next_action
    url = action.redirect_to_url.url
    html = {"accept": "text/html"}

    page = sandbox.doors.get(url, headers=html)
    answer = sandbox.doors.post(url, data={"outcome": "succeed"}, headers=html)

    assert "Fade &amp; Sons wants to charge 75.00 USD" in page.text
    assert (answer.status_code, answer.headers["location"]) == (303, "https://shop.example/back")
    assert sandbox.doors.get(url).status_code == 409


@pytest.mark.parametrize("flag", ["off_session", "error_on_requires_action"])
def test_without_a_holder_a_card_that_asks_is_declined(sandbox: Sandbox, flag: str) -> None:
    client = sandbox.new_stripe()

    with pytest.raises(stripe.CardError) as declined:
        client.v1.payment_intents.create(
            {**CARD_SALE, "payment_method": "pm_card_authenticationRequired", flag: True}
        )

    assert declined.value.code == "authentication_required"


def test_an_intent_that_asks_can_be_canceled(sandbox: Sandbox) -> None:
    client = sandbox.new_stripe()
    intent = client.v1.payment_intents.create(
        {**CARD_SALE, "payment_method": "pm_card_authenticationRequired"}
    )

    assert client.v1.payment_intents.cancel(intent.id).status == "canceled"
    answer = sandbox.doors.post(f"authenticate/{intent.id}", json={"outcome": "succeed"})
    assert answer.status_code == 409
