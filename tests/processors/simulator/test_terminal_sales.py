"""Sales with tips at terminals, which no program of ours took."""

import json
from typing import Any

import pytest

from tests.processors.simulator.conftest import Account, Sandbox
from tests.processors.simulator.receiver import WebhookReceiver

SALE = {"amount_minor": 7500, "tip_minor": 1500}


def sell(sandbox: Sandbox, processor: str, account: Account, **changes: Any) -> Any:
    body = {"processor": processor, "account_id": account.account_id, **SALE, **changes}
    return sandbox.doors.post("terminal_sales", json=body)


def test_a_stripe_reader_takes_a_card_that_is_there(sandbox: Sandbox) -> None:
    account = sandbox.put_account("stripe")
    client = sandbox.stripe_client(account.secret)

    sold = sell(sandbox, "stripe", account, note="Fade").json()

    expand: Any = {"expand": ["latest_charge.balance_transaction"]}
    intent: Any = client.v1.payment_intents.retrieve(sold["id"], expand)
    charge = intent.latest_charge
    assert (intent.amount, intent.amount_details.tip.amount) == (9000, 1500)
    assert (intent.description, intent.metadata.to_dict()) == ("Fade", {})
    details = charge.payment_method_details
    assert (details.type, details.card_present.read_method) == ("card_present", "contactless_emv")
    assert (charge.balance_transaction.fee, charge.metadata.to_dict()) == (291, {})
    assert charge.payment_intent == sold["id"]
    [row] = sandbox.movements(account)
    assert (row["amount_minor"], row["fee_minor"], row["reference"]) == (9000, 291, None)
    assert row["tip_minor"] == 1500


@pytest.mark.parametrize(("method", "fee_minor"), [("CARD", 244), ("CASH", 0), ("EXTERNAL", 0)])
def test_a_square_terminal_takes_cards_cash_and_others(
    sandbox: Sandbox, method: str, fee_minor: int
) -> None:
    account = sandbox.put_account("square")
    client = sandbox.square_client(account.secret)

    sold = sell(sandbox, "square", account, method=method, note="Fade").json()

    payment = client.payments.get(sold["id"]).payment
    assert (payment.status, payment.source_type, payment.note) == ("COMPLETED", method, "Fade")
    assert (payment.tip_money.amount, payment.total_money.amount) == (1500, 9000)
    assert (payment.reference_id, payment.device_details.device_name) == (None, "Front desk")
    assert payment.application_details.square_product == "SQUARE_POS"
    [row] = sandbox.movements(account)
    assert (row["amount_minor"], row["tip_minor"], row["fee_minor"]) == (9000, 1500, fee_minor)
    assert row["method"] == method.lower()


def test_a_terminal_sale_is_told(sandbox: Sandbox, receiver: WebhookReceiver) -> None:
    hook = {"url": receiver.url, "secret": "key"}
    account = sandbox.put_account("square", webhook=hook, fee_delay_seconds=3600)

    sold = sell(sandbox, "square", account).json()

    events = [json.loads(each.body) for each in receiver.wait_for(2)]
    assert {event["type"] for event in events} == {"payment.created", "payment.updated"}
    assert {event["data"]["id"] for event in events} == {sold["id"]}
    assert "processing_fee" not in sold


def test_a_sale_may_be_of_an_earlier_moment_and_a_named_location(sandbox: Sandbox) -> None:
    locations = [
        {"id": "LONE", "name": "One", "currency": "USD"},
        {"id": "LTWO", "name": "Two", "currency": "USD"},
    ]
    account = sandbox.put_account("square", locations=locations)
    then = "2026-03-01T10:00:00Z"

    sold = sell(sandbox, "square", account, location_id="LTWO", occurred_at=then).json()

    assert (sold["location_id"], sold["created_at"]) == ("LTWO", "2026-03-01T10:00:00.000Z")
    assert sold["updated_at"] == "2026-03-01T10:00:00.000Z"


@pytest.mark.parametrize(
    ("processor", "changes", "status"),
    [
        ("stripe", {"method": "CASH"}, 409),
        ("stripe", {"amount_minor": 0}, 400),
        ("stripe", {"currency": "XXX"}, 400),
        ("stripe", {"occurred_at": "soon"}, 400),
        ("stripe", {"occurred_at": "2999-01-01T00:00:00Z"}, 400),
        ("stripe", {"account_id": "acct_none"}, 400),
        ("square", {"currency": "EUR"}, 409),
        ("square", {"location_id": "LNONE"}, 409),
    ],
)
def test_a_sale_that_makes_no_sense_is_refused(
    sandbox: Sandbox, processor: str, changes: dict[str, Any], status: int
) -> None:
    account = sandbox.put_account(processor)

    assert sell(sandbox, processor, account, **changes).status_code == status
    assert sandbox.movements(account) == []
