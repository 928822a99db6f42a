"""Payouts of a Square balance to a bank, and the entries they are made of."""

import json
from typing import Any, get_args

import pytest
from square.core.api_error import ApiError
from square.types.activity_type import ActivityType

from tests.processors.simulator.conftest import Account, Sandbox, square_sale
from tests.processors.simulator.receiver import WebhookReceiver

ACTIVITIES = get_args(get_args(ActivityType)[0])


def pay_out(sandbox: Sandbox, account: Account) -> list[dict[str, Any]]:
    whom = {"processor": "square", "account_id": account.account_id}
    answer = sandbox.doors.post("payouts", json=whom)
    assert answer.status_code == 201, answer.text
    return answer.json()["payouts"]


def list_entries(client: Any, payout_id: str) -> list[dict[str, Any]]:
    listed = client.payouts.list_entries(payout_id, sort_order="ASC", limit=2)
    return [json.loads(entry.json()) for entry in listed]


def describe(entry: dict[str, Any]) -> tuple[str, int, int, int]:
    names = ("gross_amount_money", "fee_amount_money", "net_amount_money")
    gross, fee, net = (entry[name]["amount"] for name in names)
    return entry["type"], gross, fee, net


@pytest.fixture
def account(sandbox: Sandbox) -> Account:
    return sandbox.put_account("square", funds_delay_seconds=0)


@pytest.fixture
def client(sandbox: Sandbox, account: Account) -> Any:
    return sandbox.square_client(account.secret)


def test_a_payout_has_an_entry_for_every_movement(
    sandbox: Sandbox, account: Account, client: Any
) -> None:
    payment = client.payments.create(**square_sale()).payment
    other = client.payments.create(**square_sale()).payment
    refund = sandbox.doors.post("refunds", json={"payment": payment.id, "amount_minor": 1000})
    dispute = sandbox.doors.post("disputes", json={"payment": other.id}).json()
    sandbox.doors.post(f"disputes/{dispute['id']}/win", json={})
    whom = {"processor": "square", "account_id": account.account_id}
    charge = sandbox.doors.post("processor_charges", json={**whom, "amount_minor": 500})

    [made] = pay_out(sandbox, account)

    payout = client.payouts.get(made["id"]).payout
    assert (payout.status, payout.version, payout.type) == ("SENT", 1, "BATCH")
    assert payout.amount_money.amount == 2 * 7295 - 1000 - 500
    assert json.loads(payout.amount_money.json())["currency_code"] == "USD"
    entries = list_entries(client, payout.id)
    assert [describe(entry) for entry in entries] == [
        ("CHARGE", 7500, 205, 7295),
        ("CHARGE", 7500, 205, 7295),
        ("REFUND", -1000, 0, -1000),
        ("DISPUTE", -7500, 0, -7500),
        ("DISPUTE", 7500, 0, 7500),
        ("SUBSCRIPTION_FEE", -500, 0, -500),
    ]
    assert entries[0]["type_charge_details"] == {"payment_id": payment.id}
    details = {"payment_id": payment.id, "refund_id": refund.json()["id"]}
    assert entries[2]["type_refund_details"] == details
    details = {"payment_id": other.id, "dispute_id": dispute["id"]}
    assert entries[3]["type_dispute_details"] == details
    assert entries[5]["id"] == charge.json()["movements"][0]["id"]
    rows = sandbox.movements(account)
    assert [row["object_id"] for row in rows[3:5]] == [entry["id"] for entry in entries[3:5]]
    assert {row["payout_id"] for row in rows} == {payout.id}
    assert rows[-1]["kind"] == "bank_payout"
    assert pay_out(sandbox, account) == []


def test_a_payout_comes_back_and_is_in_the_next_one(
    sandbox: Sandbox, account: Account, client: Any
) -> None:
    client.payments.create(**square_sale())
    [made] = pay_out(sandbox, account)
    for act in ("paid", "fail"):
        assert sandbox.doors.post(f"payouts/{made['id']}/{act}", json={}).status_code == 200

    payout = client.payouts.get(made["id"]).payout
    [again] = pay_out(sandbox, account)

    assert (payout.status, payout.version) == ("FAILED", 3)
    assert sandbox.doors.post(f"payouts/{made['id']}/fail", json={}).status_code == 409
    entries = [describe(entry) for entry in list_entries(client, again["id"])]
    assert entries == [("RETURNED_PAYOUT", 7295, 0, 7295)]
    kinds = [row["kind"] for row in sandbox.movements(account)]
    assert kinds == ["charge", "bank_payout", "bank_payout_failed", "bank_payout"]


def test_a_refund_that_failed_is_an_entry_too(
    sandbox: Sandbox, account: Account, client: Any
) -> None:
    payment = client.payments.create(**square_sale()).payment
    refund = sandbox.doors.post("refunds", json={"payment": payment.id}).json()
    sandbox.doors.post(f"refunds/{refund['id']}/fail", json={})

    [made] = pay_out(sandbox, account)

    types = [describe(entry)[:2] for entry in list_entries(client, made["id"])]
    assert types == [("CHARGE", 7500), ("REFUND", -7500), ("REFUND", 7500)]


def test_cash_is_in_no_payout(sandbox: Sandbox, account: Account) -> None:
    body = {"processor": "square", "account_id": account.account_id, "amount_minor": 900}
    sandbox.doors.post("terminal_sales", json={**body, "method": "CASH"})

    assert pay_out(sandbox, account) == []


def test_each_currency_is_paid_out_at_its_location(sandbox: Sandbox) -> None:
    account = sandbox.put_account("square", currencies=["CAD", "USD"], funds_delay_seconds=0)
    client = sandbox.square_client(account.secret)
    cad, usd = account.described["locations"]
    for location in (cad, usd):
        money = {"amount": 7500, "currency": location["currency"]}
        client.payments.create(**square_sale(amount_money=money, location_id=location["id"]))

    made = pay_out(sandbox, account)

    assert [each["location_id"] for each in made] == [cad["id"], usd["id"]]
    assert [each.id for each in client.payouts.list()] == [made[0]["id"]]
    assert [each.id for each in client.payouts.list(location_id=usd["id"])] == [made[1]["id"]]
    assert list(client.payouts.list(status="PAID")) == []
    with pytest.raises(ApiError) as unknown:
        client.payouts.get("po_none")
    assert unknown.value.status_code == 404


@pytest.mark.parametrize("activity", ACTIVITIES)
def test_every_official_activity_can_be_an_entry(
    sandbox: Sandbox, account: Account, client: Any, activity: str
) -> None:
    whom = {"processor": "square", "account_id": account.account_id}
    body = {**whom, "amount_minor": -100, "type": activity}
    sandbox.doors.post("processor_charges", json=body)

    [made] = pay_out(sandbox, account)

    [entry] = list_entries(client, made["id"])
    assert describe(entry) == (activity, 100, 0, 100)


def test_payouts_are_told(sandbox: Sandbox, receiver: WebhookReceiver) -> None:
    hook = {"url": receiver.url, "secret": "key", "events": ["payout.sent", "payout.paid"]}
    account = sandbox.put_account("square", webhook=hook, funds_delay_seconds=0)
    client = sandbox.square_client(account.secret)
    client.payments.create(**square_sale())
    [made] = pay_out(sandbox, account)
    sandbox.doors.post(f"payouts/{made['id']}/paid", json={})

    events = [json.loads(each.body) for each in receiver.wait_for(2)]

    by_type = {event["type"]: event["data"]["object"]["payout"] for event in events}
    assert by_type["payout.sent"]["amount_money"] == {"amount": 7295, "currency_code": "USD"}
    assert (by_type["payout.paid"]["status"], by_type["payout.paid"]["version"]) == ("PAID", 2)


def test_a_daily_payout_is_made_at_midnight_and_arrives_a_day_later(own_sandbox: Sandbox) -> None:
    own_sandbox.doors.post("clock", json={"now": "2026-03-01T22:00:00Z"})
    account = own_sandbox.put_account("square", payout_interval="daily", funds_delay_seconds=0)
    client = own_sandbox.square_client(account.secret)
    client.payments.create(**square_sale())

    own_sandbox.advance(2 * 3600 + 60)
    [made] = client.payouts.list()
    own_sandbox.advance(86_400)

    assert (made.status, made.created_at) == ("SENT", "2026-03-02T00:00:00.000Z")
    assert made.arrival_date == "2026-03-03"
    assert [each.status for each in client.payouts.list()] == ["PAID"]
