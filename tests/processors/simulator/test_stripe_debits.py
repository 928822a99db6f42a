"""Saved payment methods at Stripe, and debits of them: cards at once, bank accounts within days."""

from dataclasses import dataclass
from typing import Any

import pytest
import stripe

from tests.processors.simulator.conftest import Account, Sandbox, error_of

DAY = 86_400


@dataclass
class Saver:
    """A customer of an account who saves payment methods and has them debited."""

    sandbox: Sandbox
    account: Account
    client: Any
    customer: str

    def save(self, method: str) -> str:
        session = self.client.v1.checkout.sessions.create(
            {
                "mode": "setup",
                "customer": self.customer,
                "success_url": "https://shop.example/saved?session={CHECKOUT_SESSION_ID}",
                "allowed_payment_method_types": ["card", "us_bank_account"],
                "setup_intent_data": {"metadata": {"reference": "man_1"}},
            }
        )
        answer = self.sandbox.doors.post(f"setup/{session.id}", json={"method": method})
        assert answer.status_code == 200, answer.text
        read = self.client.v1.checkout.sessions.retrieve(session.id, {"expand": ["setup_intent"]})
        assert (read.status, read.setup_intent.status) == ("complete", "succeeded")
        return str(read.setup_intent.payment_method)

    def debit(self, method: str, **changes: Any) -> Any:
        return self.client.v1.payment_intents.create(
            {
                "amount": 5000,
                "currency": "usd",
                "customer": self.customer,
                "payment_method": method,
                "allowed_payment_method_types": ["card", "us_bank_account"],
                "confirm": True,
                "off_session": True,
                "metadata": {"reference": "cat_1"},
                **changes,
            }
        )

    def read(self, intent: Any) -> Any:
        return self.client.v1.payment_intents.retrieve(intent.id, {"expand": ["latest_charge"]})

    def moved(self) -> list[tuple[str, int, int]]:
        rows = self.sandbox.movements(self.account)
        return [(row["kind"], row["amount_minor"], row["fee_minor"]) for row in rows]

    def total(self) -> int:
        """What the balance adds up to, in minor units."""
        balance = self.client.v1.balance.retrieve()
        return sum(each.amount for each in (*balance.available, *balance.pending))

    def told(self) -> list[str]:
        listed = self.client.v1.events.list({"limit": 100}).data
        return [event.type for event in listed][::-1]


def make_saver(sandbox: Sandbox, **settings: Any) -> Saver:
    account = sandbox.put_account("stripe", **settings)
    client = sandbox.stripe_client(account.secret)
    return Saver(sandbox, account, client, client.v1.customers.create({"name": "Bo"}).id)


def test_a_bank_debit_is_paid_after_three_days_and_comes_back_after_ten(
    own_sandbox: Sandbox,
) -> None:
    saver = make_saver(own_sandbox)
    intent = saver.debit(saver.save("pm_usBankAccount_dispute"))
    charge = saver.read(intent).latest_charge
    assert (intent.status, charge.status, charge.paid) == ("processing", "pending", False)
    assert saver.moved() == []

    own_sandbox.advance(3 * DAY)

    assert saver.read(intent).status == "succeeded"
    assert saver.moved() == [("charge", 5000, 40)]
    assert saver.total() == 5000 - 40

    own_sandbox.advance(7 * DAY)

    [dispute] = saver.client.v1.disputes.list().data
    assert (dispute.status, dispute.reason, dispute.amount) == ("lost", "insufficient_funds", 5000)
    assert saver.moved()[1:] == [("dispute", -5000, 1500)]
    assert saver.total() == -40 - 1500
    told = saver.told()
    assert told[told.index("charge.pending") :] == [
        "charge.pending",
        "payment_intent.processing",
        "charge.succeeded",
        "payment_intent.succeeded",
        "charge.dispute.created",
        "charge.dispute.funds_withdrawn",
        "charge.dispute.closed",
    ]


def test_a_bank_debit_that_fails_leaves_nothing_on_the_balance(sandbox: Sandbox) -> None:
    saver = make_saver(sandbox, debit_delay_seconds=0.001)
    intent = saver.debit(saver.save("pm_usBankAccount_accountClosed"))

    read = saver.read(intent)

    assert read.status == "requires_payment_method"
    assert (read.latest_charge.status, read.latest_charge.failure_code) == (
        "failed",
        "account_closed",
    )
    posted = saver.client.v1.balance_transactions.list().data
    assert sorted(each.type for each in posted) == ["payment", "payment_failure_refund"]
    assert sum(each.net for each in posted) == 0
    assert saver.moved() == []


@pytest.mark.parametrize(
    ("method", "reason"),
    [
        ("pm_card_chargeCustomerFail", "generic_decline"),
        (
            "pm_card_authenticationRequiredChargeDeclinedInsufficientFunds",
            "insufficient_funds",
        ),
        ("pm_card_authenticationRequired", "authentication_required"),
    ],
)
def test_a_card_that_was_saved_may_be_declined_later(
    sandbox: Sandbox, method: str, reason: str
) -> None:
    saver = make_saver(sandbox)
    saved = saver.save(method)

    with pytest.raises(stripe.CardError) as raised:
        saver.debit(saved)

    assert error_of(raised).decline_code == reason


def test_a_saved_card_expires_on_the_clock(own_sandbox: Sandbox) -> None:
    saver = make_saver(own_sandbox)
    saved = saver.save("pm_card_visa")
    saver.debit(saved)

    own_sandbox.advance(10 * 366 * DAY)

    with pytest.raises(stripe.CardError) as raised:
        saver.debit(saved)
    assert error_of(raised).code == "expired_card"


def test_a_bank_account_is_debited_with_its_owners_consent_only(sandbox: Sandbox) -> None:
    saver = make_saver(sandbox)
    account = saver.client.v1.payment_methods.attach(
        "pm_usBankAccount_success", {"customer": saver.customer}
    )

    with pytest.raises(stripe.InvalidRequestError, match="needs a mandate"):
        saver.debit(account.id)
    saved = saver.save("pm_usBankAccount_success")
    saver.client.v1.payment_methods.detach(saved)
    with pytest.raises(stripe.InvalidRequestError, match="used before without being attached"):
        saver.debit(saved)
    assert saver.moved() == []


def test_the_page_to_save_a_method_on_is_over_once_it_was_used(sandbox: Sandbox) -> None:
    saver = make_saver(sandbox)
    given = {"mode": "setup", "customer": saver.customer, "success_url": "https://shop.example/"}
    session = saver.client.v1.checkout.sessions.create(given)
    page = sandbox.doors.get(f"setup/{session.id}")
    assert "Visa card that works" in page.text
    assert "Bank account" not in page.text

    saver.client.v1.checkout.sessions.expire(session.id)

    answer = sandbox.doors.post(f"setup/{session.id}", json={"method": "pm_card_visa"})
    assert (answer.status_code, "expired" in answer.text) == (409, True)
