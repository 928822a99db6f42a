"""Payouts of a Stripe balance to a bank, and what Stripe takes or gives by itself."""

from typing import Any

import pytest
import stripe

from tests.processors.simulator.conftest import CARD_SALE, Account, Sandbox

DAY_SECONDS = 86_400


def pay_out(sandbox: Sandbox, account: Account) -> list[dict[str, Any]]:
    whom = {"processor": "stripe", "account_id": account.account_id}
    answer = sandbox.doors.post("payouts", json=whom)
    assert answer.status_code == 201, answer.text
    return answer.json()["payouts"]


def list_lines(client: Any, payout_id: str) -> list[tuple[str, int]]:
    listed = client.v1.balance_transactions.list({"payout": payout_id, "limit": 100})
    return [(each.type, each.net) for each in listed.data][::-1]


@pytest.fixture
def account(sandbox: Sandbox) -> Account:
    return sandbox.put_account("stripe", funds_delay_seconds=0)


@pytest.fixture
def client(sandbox: Sandbox, account: Account) -> Any:
    return sandbox.stripe_client(account.secret)


def test_a_payout_carries_what_is_available(
    sandbox: Sandbox, account: Account, client: Any
) -> None:
    intent = client.v1.payment_intents.create(CARD_SALE)
    client.v1.refunds.create({"payment_intent": intent.id, "amount": 1000})

    [made] = pay_out(sandbox, account)

    payout = client.v1.payouts.retrieve(made["id"], {"expand": ["balance_transaction"]})
    assert (payout.amount, payout.currency, payout.status) == (6252, "usd", "in_transit")
    assert (payout.automatic, payout.reconciliation_status) == (True, "completed")
    assert payout.balance_transaction.amount == -6252
    lines = list_lines(client, payout.id)
    assert lines == [("charge", 7252), ("refund", -1000), ("payout", -6252)]
    assert client.v1.balance.retrieve().available[0].amount == 0
    row = sandbox.movements(account)[-1]
    assert (row["kind"], row["object_id"], row["amount_minor"]) == (
        "bank_payout",
        payout.id,
        -6252,
    )
    assert pay_out(sandbox, account) == []


def test_a_payout_comes_back_and_is_in_the_next_one(
    sandbox: Sandbox, account: Account, client: Any
) -> None:
    client.v1.payment_intents.create(CARD_SALE)
    [made] = pay_out(sandbox, account)
    sandbox.doors.post(f"payouts/{made['id']}/paid", json={})

    answer = sandbox.doors.post(f"payouts/{made['id']}/fail", json={"code": "account_frozen"})

    assert answer.status_code == 200
    failed: Any = client.v1.payouts.retrieve(
        made["id"], {"expand": ["failure_balance_transaction"]}
    )
    assert (failed.status, failed.failure_code) == ("failed", "account_frozen")
    posted = failed.failure_balance_transaction
    assert (posted.type, posted.reporting_category) == ("payout_failure", "payout_reversal")
    assert (posted.amount, posted.source) == (7252, made["id"])
    told = [each.type for each in client.v1.events.list({"type": "payout.*"}).data][::-1]
    steps = ["created", "reconciliation_completed", "paid", "failed"]
    assert told == [f"payout.{step}" for step in steps]
    assert sandbox.doors.post(f"payouts/{made['id']}/fail", json={}).status_code == 409
    [again] = pay_out(sandbox, account)
    assert list_lines(client, again["id"]) == [("payout_failure", 7252), ("payout", -7252)]


def test_every_kind_of_source_is_expanded(sandbox: Sandbox, account: Account, client: Any) -> None:
    intent = client.v1.payment_intents.create(CARD_SALE)
    other = client.v1.payment_intents.create(CARD_SALE)
    client.v1.refunds.create({"payment_intent": intent.id, "amount": 100})
    sandbox.doors.post("disputes", json={"payment": other.id})
    whom = {"processor": "stripe", "account_id": account.account_id}
    sandbox.doors.post("processor_charges", json={**whom, "amount_minor": 10})
    client.v1.payouts.create({"amount": 1000, "currency": "usd"})

    expand = {"expand": ["data.source.charge"]}
    listed = client.v1.balance_transactions.list(expand).data[::-1]

    kinds = [each.source.object if each.source else None for each in listed]
    assert kinds == ["charge", "charge", "refund", "dispute", None, "payout"]
    assert [listed[2].source.charge.object, listed[3].source.charge.id] == [
        "charge",
        other.latest_charge,
    ]


def test_payouts_are_listed_by_status_and_moment(
    sandbox: Sandbox, account: Account, client: Any
) -> None:
    ids = []
    for _ in range(2):
        client.v1.payment_intents.create(CARD_SALE)
        ids.append(pay_out(sandbox, account)[0]["id"])
    sandbox.doors.post(f"payouts/{ids[0]}/paid", json={})
    listing = client.v1.payouts.list

    assert [each.id for each in listing().data] == ids[::-1]
    assert [each.id for each in listing({"status": "paid"}).data] == ids[:1]
    assert listing({"created": {"lt": 1}}).data == []
    updated = client.v1.payouts.update(ids[0], {"metadata": {"a": "b"}})
    assert updated.metadata.to_dict() == {"a": "b"}


def test_an_amount_is_paid_out_by_hand(sandbox: Sandbox, account: Account, client: Any) -> None:
    client.v1.payment_intents.create(CARD_SALE)

    payout = client.v1.payouts.create({"amount": 5000, "currency": "usd"})

    assert (payout.automatic, payout.reconciliation_status) == (False, "not_applicable")
    with pytest.raises(stripe.InvalidRequestError) as refused:
        client.v1.payouts.create({"amount": 2253, "currency": "usd"})
    assert refused.value.code == "balance_insufficient"


def test_nothing_is_paid_out_while_payouts_are_off(
    sandbox: Sandbox, account: Account, client: Any
) -> None:
    client.v1.payment_intents.create(CARD_SALE)
    sandbox.doors.patch(f"accounts/stripe/{account.account_id}", json={"payouts_enabled": False})

    whom = {"processor": "stripe", "account_id": account.account_id}
    assert sandbox.doors.post("payouts", json=whom).status_code == 409
    with pytest.raises(stripe.InvalidRequestError):
        client.v1.payouts.create({"amount": 5000, "currency": "usd"})


def test_a_daily_payout_is_made_at_midnight_and_arrives_by_the_clock(own_sandbox: Sandbox) -> None:
    own_sandbox.doors.post("clock", json={"now": "2026-03-01T22:00:00Z"})
    settings: Any = {"payout_interval": "daily", "funds_delay_seconds": 3600}
    account = own_sandbox.put_account("stripe", **settings)
    # Said again, it is still one payout a day.
    account = own_sandbox.put_account("stripe", account_id=account.account_id, **settings)
    client = own_sandbox.stripe_client(account.secret)
    client.v1.payment_intents.create(CARD_SALE)

    own_sandbox.advance(2 * 3600 + 60)
    made = client.v1.payouts.list().data
    client.v1.payment_intents.create(CARD_SALE)
    own_sandbox.advance(3 * DAY_SECONDS)

    assert [(each.amount, each.status) for each in made] == [(7252, "in_transit")]
    assert made[0].created == 1772409600  # 2026-03-02T00:00:00Z
    listed = client.v1.payouts.list().data
    assert [each.status for each in listed] == ["paid", "paid"]
    assert [each.amount for each in listed] == [7252, 7252]


@pytest.mark.parametrize(
    ("body", "posted"),
    [
        ({"amount_minor": 2500}, ("stripe_fee", "fee", -2500)),
        ({"amount_minor": -300}, ("stripe_fee", "fee", 300)),
        (
            {"amount_minor": 900, "kind": "reserve_hold"},
            ("reserve_hold", "risk_reserved_funds", -900),
        ),
        (
            {"amount_minor": -900, "kind": "reserve_release"},
            ("reserve_release", "risk_reserved_funds", 900),
        ),
        (
            {"amount_minor": -100, "type": "topup", "category": "topup"},
            ("topup", "topup", 100),
        ),
    ],
)
def test_stripe_takes_and_gives_by_itself(
    sandbox: Sandbox, account: Account, client: Any, body: Any, posted: tuple[str, str, int]
) -> None:
    whom = {"processor": "stripe", "account_id": account.account_id}
    answer = sandbox.doors.post("processor_charges", json={**whom, **body})

    [moved] = answer.json()["movements"]
    read = client.v1.balance_transactions.retrieve(moved["id"])
    assert (read.type, read.reporting_category, read.amount) == posted
    assert read.source is None
    [row] = sandbox.movements(account)
    assert (row["kind"], row["object_id"]) == ("processor_charge", moved["id"])


def test_a_conversion_takes_one_currency_and_gives_another(sandbox: Sandbox) -> None:
    account = sandbox.put_account("stripe", currencies=["USD", "CAD"])
    body = {
        "processor": "stripe",
        "account_id": account.account_id,
        "amount_minor": 1000,
        "kind": "conversion",
        "to_currency": "CAD",
        "to_amount_minor": 1360,
    }

    answer = sandbox.doors.post("processor_charges", json=body)

    amounts = [(m["amount_minor"], m["currency"]) for m in answer.json()["movements"]]
    assert amounts == [(-1000, "USD"), (1360, "CAD")]
    assert [row["kind"] for row in sandbox.movements(account)] == ["conversion", "conversion"]


@pytest.mark.parametrize(
    "changes",
    [
        {"amount_minor": 0},
        {"currency": "XXX"},
        {"kind": "gift"},
        {"account_id": "acct_none"},
        {"kind": "conversion"},
        {"processor": "square", "type": "GIFT"},
    ],
)
def test_a_charge_that_makes_no_sense_is_refused(sandbox: Sandbox, changes: Any) -> None:
    processor = changes.get("processor", "stripe")
    account = sandbox.put_account(processor)
    body = {"processor": processor, "account_id": account.account_id, "amount_minor": 1}

    answer = sandbox.doors.post("processor_charges", json={**body, **changes})

    assert answer.status_code == 400
    assert sandbox.movements(account) == []
