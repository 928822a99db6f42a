"""Past sales through the bulk door."""

import time
from typing import Any

import pytest

from tests.processors.simulator.conftest import Account, Sandbox
from tests.processors.simulator.receiver import WebhookReceiver

SALE: dict[str, Any] = {
    "occurred_at": "2026-03-01T10:00:00Z",
    "amount_minor": 7000,
    "tip_minor": 500,
    "currency": "USD",
    "reference": "leg_1",
}


def record(
    sandbox: Sandbox, processor: str, account: Account, *sales: dict[str, Any], **options: Any
) -> Any:
    body = {"processor": processor, "account_id": account.account_id, "sales": list(sales)}
    return sandbox.doors.post("sales", json={**body, **options})


def test_a_past_stripe_sale_looks_like_one_that_was_taken(sandbox: Sandbox) -> None:
    account = sandbox.put_account("stripe")
    client = sandbox.stripe_client(account.secret)
    refund = {"occurred_at": "2026-03-02T10:00:00Z", "amount_minor": 2500}
    sale = {**SALE, "metadata": {"chair": "3"}, "description": "Haircut", "refunds": [refund]}

    [shown] = record(sandbox, "stripe", account, sale).json()["sales"]

    intent: Any = client.v1.payment_intents.retrieve(
        shown["id"], {"expand": ["latest_charge.balance_transaction"]}
    )
    assert intent.to_dict() == shown
    charge = intent.latest_charge
    assert (intent.created, intent.amount, charge.amount_refunded) == (1772359200, 7500, 2500)
    assert charge.balance_transaction.fee == 248
    assert charge.balance_transaction.status == "available"
    assert charge.metadata.to_dict() == {"chair": "3", "reference": "leg_1", "tip_minor": "500"}
    [refunded] = client.v1.refunds.list({"charge": charge.id}).data
    assert (refunded.amount, refunded.created) == (2500, 1772359200 + 86_400)
    assert client.v1.payment_methods.retrieve(intent.payment_method).card is not None
    sold, returned = sandbox.movements(account)
    assert (sold["amount_minor"], sold["tip_minor"], sold["fee_minor"]) == (7500, 500, 248)
    assert (returned["amount_minor"], returned["occurred_at"][:10]) == (-2500, "2026-03-02")
    types = [event.type for event in client.v1.events.list().data]
    assert set(types) == {
        "charge.succeeded",
        "payment_intent.succeeded",
        "charge.refunded",
        "refund.created",
    }


def test_a_past_square_sale_looks_like_one_that_was_taken(sandbox: Sandbox) -> None:
    account = sandbox.put_account("square")
    client = sandbox.square_client(account.secret)
    refund = {"occurred_at": "2026-03-02T10:00:00Z", "amount_minor": 2500}

    [shown] = record(sandbox, "square", account, {**SALE, "refunds": [refund]}).json()["sales"]

    payment: Any = client.payments.get(shown["id"]).payment
    assert (payment.status, payment.reference_id) == ("COMPLETED", "leg_1")
    assert payment.created_at == "2026-03-01T10:00:00.000Z"
    assert payment.updated_at == "2026-03-02T10:00:00.000Z"
    assert (payment.tip_money.amount, payment.total_money.amount) == (500, 7500)
    assert payment.processing_fee[0].amount_money.amount == 205
    assert payment.refunded_money.amount == 2500
    assert shown["card_details"]["card"]["last_4"] == "1111"
    [refunded] = client.refunds.list(begin_time="2026-01-01T00:00:00Z")
    assert refunded.payment_id == payment.id


def test_past_cash_and_external_payments_have_no_fee(sandbox: Sandbox) -> None:
    account = sandbox.put_account("square")

    answer = record(
        sandbox, "square", account, {**SALE, "method": "CASH"}, {**SALE, "method": "EXTERNAL"}
    )

    assert [sale["source_type"] for sale in answer.json()["sales"]] == ["CASH", "EXTERNAL"]
    assert [each["fee_minor"] for each in sandbox.movements(account)] == [0, 0]


@pytest.mark.parametrize(
    ("processor", "changes", "field"),
    [
        ("stripe", {"amount_minor": 0}, "sales.1.amount_minor"),
        ("stripe", {"amount_minor": 75.5}, "sales.1.amount_minor"),
        ("stripe", {"occurred_at": "2999-01-01T00:00:00Z"}, "sales.1.occurred_at"),
        ("stripe", {"occurred_at": "once"}, "sales.1.occurred_at"),
        ("stripe", {"currency": "XXX"}, "sales.1.currency"),
        ("stripe", {"method": "CASH"}, "sales.1"),
        ("stripe", {"payment_method": "pm_card_chargeDeclined"}, "sales.1"),
        ("stripe", {"colour": "red"}, "sales.1.colour"),
        ("square", {"metadata": {"a": "b"}}, "sales.1"),
        ("square", {"currency": "EUR"}, "sales.1"),
        ("square", {"reference": "r" * 41}, "sales.1"),
        (
            "square",
            {"refunds": [{"occurred_at": "2026-03-02", "amount_minor": 8000}]},
            "sales.1.refunds",
        ),
        (
            "square",
            {"refunds": [{"occurred_at": "2026-02-01", "amount_minor": 1}]},
            "sales.1.refunds.0.occurred_at",
        ),
    ],
)
def test_one_sale_that_is_wrong_is_named_and_none_is_recorded(
    sandbox: Sandbox, processor: str, changes: dict[str, Any], field: str
) -> None:
    account = sandbox.put_account(processor)

    answer = record(sandbox, processor, account, SALE, {**SALE, **changes})

    assert (answer.status_code, answer.json()["error"]["field"]) == (400, field)
    assert sandbox.movements(account) == []


def test_a_call_takes_a_thousand_sales_and_no_more(sandbox: Sandbox) -> None:
    account = sandbox.put_account("square")

    started = time.perf_counter()
    answer = record(sandbox, "square", account, *[SALE] * 1000)
    seconds = time.perf_counter() - started

    assert len(answer.json()["sales"]) == 1000
    assert len({sale["id"] for sale in answer.json()["sales"]}) == 1000
    # Far above what it takes alone; demo data must not take minutes.
    assert seconds < 60
    assert record(sandbox, "square", account, *[SALE] * 1001).status_code == 400


def test_nobody_is_told_of_past_sales_unless_asked(
    sandbox: Sandbox, receiver: WebhookReceiver
) -> None:
    account = sandbox.put_account(
        "stripe",
        webhook={"url": receiver.url, "secret": "whsec_x", "events": ["charge.succeeded"]},
    )

    record(sandbox, "stripe", account, SALE)
    quiet = sandbox.doors.get("deliveries", params={"account_id": account.account_id}).json()
    record(sandbox, "stripe", account, SALE, deliver=True)

    assert quiet["deliveries"] == []
    assert len(receiver.wait_for(1)) == 1


def test_sales_of_an_unknown_account_are_refused(sandbox: Sandbox) -> None:
    account = Account("acct_nobody", "", {})

    answer = record(sandbox, "stripe", account, SALE)

    assert (answer.status_code, answer.json()["error"]["field"]) == (400, "account_id")
