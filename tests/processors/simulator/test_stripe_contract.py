"""Stripe's answers against Stripe's own examples: no field of ours is unknown there, none lacks."""

import json
from pathlib import Path
from typing import Any

import pytest
import stripe

from tests.processors.simulator.conftest import CARD_SALE, Sandbox

EXAMPLES = json.loads((Path(__file__).parents[2] / "contracts" / "stripe_objects.json").read_text())
# Free-form, or of a shape that depends on the kind of thing described.
OPEN_FIELDS = {"metadata", "last_payment_error", "next_action", "object", "amount_details"}
# Only on some objects of a kind, so not in the example, but in the SDK's types.
KNOWN_TO_THE_SDK = {
    "reference_status",
    "reference_type",
    "description",
    "application",
    "amount",
    "us_bank_account",
}


def find_differences(ours: Any, example: Any, path: str = "") -> list[str]:
    """Fields the example does not have, and values of another JSON type."""
    if ours is None or example is None:
        return []
    if isinstance(ours, dict) and isinstance(example, dict):
        return _find_in_object(ours, example, path)
    if isinstance(ours, list) and isinstance(example, list):
        return [
            difference
            for each in ours
            for difference in (find_differences(each, example[0], f"{path}[]") if example else [])
        ]
    if _json_type(ours) != _json_type(example):
        return [f"{path}: {_json_type(ours)} instead of {_json_type(example)}"]
    return []


def _find_in_object(ours: dict[str, Any], example: dict[str, Any], path: str) -> list[str]:
    unknown = [
        f"{path}.{name} is unknown"
        for name in ours
        if name not in example and name not in KNOWN_TO_THE_SDK
    ]
    deeper = [
        difference
        for name in ours
        if name in example and name not in OPEN_FIELDS
        for difference in find_differences(ours[name], example[name], f"{path}.{name}")
    ]
    return unknown + deeper


def _json_type(value: Any) -> str:
    if isinstance(value, bool):
        return "boolean"
    return "number" if isinstance(value, int | float) else type(value).__name__


def list_required(sdk_class: type) -> set[str]:
    """Fields the SDK's class declares as never absent."""
    hints = sdk_class.__annotations__
    return {
        name
        for name, hint in hints.items()
        if "Optional" not in str(hint) and "ClassVar" not in str(hint) and name != "deleted"
    }


def make_connected(sandbox: Sandbox) -> dict[str, Any]:
    """What a platform does with a connected account."""
    platform = sandbox.put_account("stripe", funds_delay_seconds=0)
    connected = sandbox.put_account("stripe", platform=platform.account_id)
    client = sandbox.stripe_client(platform.secret)
    client.v1.payment_intents.create(CARD_SALE)
    transfer = client.v1.transfers.create(
        {"amount": 1000, "currency": "usd", "destination": connected.account_id}
    )
    reversal = client.v1.transfers.reversals.create(transfer.id, {"amount": 400})
    transfer = client.v1.transfers.retrieve(transfer.id)
    whom = {"processor": "stripe", "account_id": platform.account_id}
    [made] = sandbox.doors.post("payouts", json=whom).json()["payouts"]
    payout = client.v1.payouts.retrieve(made["id"])
    return {"payout": payout, "transfer": transfer, "transfer_reversal": reversal}


def make_dispute(sandbox: Sandbox, client: Any) -> Any:
    intent = client.v1.payment_intents.create(CARD_SALE)
    answer = sandbox.doors.post("disputes", json={"payment": intent.id})
    return client.v1.disputes.retrieve(answer.json()["id"])


def make_setup(sandbox: Sandbox, client: Any, customer: str) -> dict[str, Any]:
    """What saving a payment method leaves behind."""
    session = client.v1.checkout.sessions.create(
        {
            "mode": "setup",
            "customer": customer,
            "success_url": "https://shop.example/saved",
            "allowed_payment_method_types": ["us_bank_account"],
        }
    )
    method = {"method": "pm_usBankAccount_success"}
    sandbox.doors.post(f"setup/{session.id}", json=method).raise_for_status()
    expanded = {"expand": ["mandate"]}
    intent = client.v1.setup_intents.retrieve(str(session.setup_intent), expanded)
    return {"checkout_session": session, "setup_intent": intent, "mandate": intent.mandate}


@pytest.fixture(scope="module")
def answers(running: Any) -> dict[str, dict[str, Any]]:
    """One object of each kind, made by using the simulator."""
    sandbox = Sandbox(running.url)
    with sandbox.closing:
        client = sandbox.new_stripe(email="shop@example.com")
        customer = client.v1.customers.create({"name": "Ann"})
        intent = client.v1.payment_intents.create({**CARD_SALE, "customer": customer.id})
        charge = client.v1.charges.retrieve(str(intent.latest_charge))
        posted = client.v1.balance_transactions.retrieve(str(charge.balance_transaction))
        refund = client.v1.refunds.create({"charge": charge.id, "amount": 100})
        other = client.v1.customers.create({"name": "Bob"})
        hook = client.v1.webhook_endpoints.create(
            {"url": "http://127.0.0.1:1/", "enabled_events": ["charge.failed"]}
        )
        connected = make_connected(sandbox)
        made = {
            "account": client.v1.accounts.retrieve_current(),
            "balance": client.v1.balance.retrieve(),
            "balance_transaction": posted,
            "charge": client.v1.charges.retrieve(charge.id),
            "customer": customer,
            "deleted_customer": client.v1.customers.delete(other.id),
            "dispute": make_dispute(sandbox, client),
            "event": client.v1.events.list({"limit": 1}).data[0],
            "payment_intent": intent,
            "payment_method": client.v1.payment_methods.retrieve(str(intent.payment_method)),
            "refund": refund,
            **make_setup(sandbox, client, customer.id),
            "webhook_endpoint": client.v1.webhook_endpoints.retrieve(hook.id),
            **connected,
        }
    return {name: json.loads(str(each)) for name, each in made.items()}


@pytest.mark.parametrize("name", sorted(EXAMPLES))
def test_no_answer_has_a_field_stripe_does_not_know(
    answers: dict[str, dict[str, Any]], name: str
) -> None:
    assert find_differences(answers[name], EXAMPLES[name], name) == []


@pytest.mark.parametrize(
    ("name", "sdk_class"),
    [
        ("balance", stripe.Balance),
        ("balance_transaction", stripe.BalanceTransaction),
        ("charge", stripe.Charge),
        ("customer", stripe.Customer),
        ("dispute", stripe.Dispute),
        ("event", stripe.Event),
        ("payment_intent", stripe.PaymentIntent),
        ("payment_method", stripe.PaymentMethod),
        ("refund", stripe.Refund),
        ("webhook_endpoint", stripe.WebhookEndpoint),
        ("account", stripe.Account),
        ("payout", stripe.Payout),
        ("setup_intent", stripe.SetupIntent),
        ("checkout_session", stripe.checkout.Session),
        ("mandate", stripe.Mandate),
        ("transfer", stripe.Transfer),
        ("transfer_reversal", stripe.TransferReversal),
    ],
)
def test_no_answer_lacks_a_field_the_sdk_relies_on(
    answers: dict[str, dict[str, Any]], name: str, sdk_class: type
) -> None:
    # Fields of newer API versions or of other payment methods are not in the official example.
    required = list_required(sdk_class) & set(EXAMPLES[name])

    assert required - set(answers[name]) == set()


def test_the_comparison_itself_sees_differences() -> None:
    example = {"id": "x", "nested": {"amount_x": 1}, "list": [{"a": "b"}]}

    assert find_differences({"id": 1}, example) == [".id: number instead of str"]
    assert find_differences({"ix": 1}, example) == [".ix is unknown"]
    assert find_differences({"nested": {"b": 2}}, example) == [".nested.b is unknown"]
    assert find_differences({"list": [{"a": True}]}, example) == [
        ".list[].a: boolean instead of str"
    ]
