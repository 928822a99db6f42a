"""Square's objects and events against Square's own examples."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from square.types.dispute import Dispute
from square.types.payment import Payment
from square.types.payment_refund import PaymentRefund
from square.types.payout import Payout
from square.types.payout_entry import PayoutEntry

from tests.processors.simulator.conftest import Sandbox, square_sale

EXAMPLES = json.loads((Path(__file__).parents[2] / "contracts" / "square_objects.json").read_text())
EVENTS: dict[str, Any] = EXAMPLES["events"]
MODELS: dict[str, Any] = {
    "dispute": Dispute,
    "payment": Payment,
    "payout": Payout,
    "refund": PaymentRefund,
}
# In the examples of some accounts only: risk and fees of a refund, versions of older APIs.
SOMETIMES = {"risk_evaluation", "version", "processing_fee", "capabilities", "receipt_url"}


@pytest.fixture(scope="module")
def told(running: Any) -> Iterator[dict[str, Any]]:
    """One event of each type, made by using the simulator."""
    sandbox = Sandbox(running.url)
    with sandbox.closing:
        account = sandbox.put_account("square", funds_delay_seconds=0)
        client = sandbox.square_client(account.secret)
        payment = client.payments.create(**square_sale()).payment
        other = client.payments.create(**square_sale()).payment
        refund = {"payment": payment.id, "amount_minor": 100, "pending": True}
        made = sandbox.doors.post("refunds", json=refund).json()
        sandbox.doors.post(f"refunds/{made['id']}/complete", json={})
        dispute = sandbox.doors.post("disputes", json={"payment": other.id}).json()
        sandbox.doors.post(f"disputes/{dispute['id']}/lose", json={})
        whom = {"processor": "square", "account_id": account.account_id}
        [payout] = sandbox.doors.post("payouts", json=whom).json()["payouts"]
        for act in ("paid", "fail"):
            sandbox.doors.post(f"payouts/{payout['id']}/{act}", json={})
        part_with_an_application(sandbox, account.account_id)
        params = {"account_id": account.account_id}
        listed = sandbox.doors.get("events", params=params).json()["events"]
        entries = list(client.payouts.list_entries(payout["id"], sort_order="ASC"))
        yield {each["type"]: each["body"] for each in listed} | {"entries": entries}


def part_with_an_application(sandbox: Sandbox, account_id: str) -> None:
    owner = sandbox.put_account("square")
    ours = {"processor": "square", "client_id": f"app_{account_id}"}
    body = {"account_id": owner.account_id, "client_secret": "secret"}
    sandbox.doors.put(f"applications/square/{ours['client_id']}", json=body)
    consent = {**ours, "account_id": account_id}
    code = sandbox.doors.post("authorizations", json=consent).json()["code"]
    sandbox.square_client("none").o_auth.obtain_token(
        client_id=ours["client_id"],
        client_secret="secret",
        grant_type="authorization_code",
        code=code,
    )
    sandbox.doors.post("authorizations/revoke", json=consent)


def read_object(event: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    [(noun, body)] = event["data"]["object"].items()
    return noun, body


@pytest.mark.parametrize("event_type", sorted(EVENTS))
def test_an_event_has_the_envelope_of_the_example(told: dict[str, Any], event_type: str) -> None:
    ours, example = told[event_type], EVENTS[event_type]

    assert set(ours) == set(example)
    assert set(ours["data"]) == set(example["data"])
    assert ours["data"]["type"] == example["data"]["type"]
    assert read_object(ours)[0] == read_object(example)[0]


@pytest.mark.parametrize("event_type", sorted(EVENTS))
def test_an_object_has_the_fields_of_the_example(told: dict[str, Any], event_type: str) -> None:
    (noun, ours), (_, example) = read_object(told[event_type]), read_object(EVENTS[event_type])

    assert set(example) - set(ours) <= SOMETIMES
    known = set(MODELS[noun].model_fields) if noun in MODELS else set(example)
    assert set(ours) <= known | set(example)
    for name in set(ours) & set(example):
        assert type(ours[name]) is type(example[name]), name


def test_amounts_of_payouts_name_their_currency_as_the_example(told: dict[str, Any]) -> None:
    payout = told["payout.sent"]["data"]["object"]["payout"]

    assert set(payout["amount_money"]) == set(EXAMPLES["payout"]["amount_money"])


def test_entries_have_the_fields_of_the_examples(told: dict[str, Any]) -> None:
    by_type = {entry.type: json.loads(entry.json()) for entry in told["entries"]}

    for example in EXAMPLES["payout_entries"]:
        ours = by_type[example["type"]]
        assert set(ours) == set(example)
        assert set(ours["gross_amount_money"]) == set(example["gross_amount_money"])
    assert set(by_type["DISPUTE"]) <= set(PayoutEntry.model_fields)
