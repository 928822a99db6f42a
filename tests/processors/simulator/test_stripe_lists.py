"""Stripe's lists, balance and balance transactions."""

from typing import Any

import pytest
import stripe

from tests.processors.simulator.conftest import CARD_SALE, Account, Sandbox


@pytest.fixture
def account(sandbox: Sandbox) -> Account:
    return sandbox.put_account("stripe")


@pytest.fixture
def five_sales(sandbox: Sandbox, account: Account) -> list[str]:
    """Five past sales, an hour apart, oldest first."""
    sales = [
        {"occurred_at": f"2026-03-01T{hour:02}:00:00Z", "amount_minor": 1000, "currency": "USD"}
        for hour in range(10, 15)
    ]
    body = {"processor": "stripe", "account_id": account.account_id, "sales": sales}
    answer = sandbox.doors.post("sales", json=body)
    return [sale["id"] for sale in answer.json()["sales"]]


def test_the_sdk_walks_through_all_pages_newest_first(
    sandbox: Sandbox, account: Account, five_sales: list[str]
) -> None:
    client = sandbox.stripe_client(account.secret)

    first = client.v1.payment_intents.list({"limit": 2})

    assert first.has_more is True
    assert [each.id for each in first.auto_paging_iter()] == five_sales[::-1]


def test_going_back_gives_the_page_before_in_the_same_order(
    sandbox: Sandbox, account: Account, five_sales: list[str]
) -> None:
    client = sandbox.stripe_client(account.secret)

    page = client.v1.payment_intents.list({"ending_before": five_sales[0], "limit": 2})

    assert [each.id for each in page.data] == [five_sales[2], five_sales[1]]
    assert page.has_more is True


def test_created_limits_are_whole_seconds(
    sandbox: Sandbox, account: Account, five_sales: list[str]
) -> None:
    client = sandbox.stripe_client(account.secret)
    moment = client.v1.payment_intents.retrieve(five_sales[2]).created

    def find(**created: int) -> list[int]:
        listed = client.v1.payment_intents.list({"created": created})
        return [five_sales.index(each.id) for each in listed.data]

    assert find(gte=moment) == [4, 3, 2]
    assert find(gt=moment) == [4, 3]
    assert find(lte=moment) == [2, 1, 0]
    assert find(lt=moment) == [1, 0]
    assert find(gte=moment, lt=moment + 1) == [2]


@pytest.mark.parametrize("limit", [0, 101])
def test_a_limit_is_between_1_and_100(sandbox: Sandbox, account: Account, limit: int) -> None:
    client = sandbox.stripe_client(account.secret)

    with pytest.raises(stripe.InvalidRequestError) as refused:
        client.v1.charges.list({"limit": limit})

    assert refused.value.param == "limit"


def test_going_on_from_nothing_is_refused(sandbox: Sandbox, account: Account) -> None:
    client = sandbox.stripe_client(account.secret)

    with pytest.raises(stripe.InvalidRequestError) as refused:
        client.v1.payment_intents.list({"starting_after": "pi_nothing"})

    assert refused.value.param == "starting_after"


def test_balance_transactions_are_found_by_type_and_source(
    sandbox: Sandbox, account: Account
) -> None:
    client = sandbox.stripe_client(account.secret)
    intent = client.v1.payment_intents.create(CARD_SALE)
    refund = client.v1.refunds.create({"payment_intent": intent.id, "amount": 100})
    transactions = client.v1.balance_transactions

    by_type = transactions.list({"type": "refund"}).data
    by_source = transactions.list({"source": str(intent.latest_charge)}).data
    of_a_payout = transactions.list({"payout": "po_none"}).data

    assert [each.id for each in by_type] == [refund.balance_transaction]
    assert [(each.type, each.fee) for each in by_source] == [("charge", 248)]
    assert of_a_payout == []
    expanded: Any = transactions.retrieve(by_source[0].id, {"expand": ["source"]})
    assert expanded.source.payment_intent == intent.id


def test_money_becomes_available_after_two_days(own_sandbox: Sandbox) -> None:
    client = own_sandbox.new_stripe()
    intent: Any = client.v1.payment_intents.create({**CARD_SALE, "expand": ["latest_charge"]})
    before = client.v1.balance.retrieve()

    own_sandbox.advance(2 * 86_400 + 1)

    after = client.v1.balance.retrieve()
    assert (before.available[0].amount, before.pending[0].amount) == (0, 7252)
    assert (after.available[0].amount, after.pending[0].amount) == (7252, 0)
    posted = client.v1.balance_transactions.retrieve(intent.latest_charge.balance_transaction)
    assert posted.status == "available"


def test_the_fee_is_unknown_until_its_delay_is_over(own_sandbox: Sandbox) -> None:
    account = own_sandbox.put_account("stripe", fee_delay_seconds=3600)
    client = own_sandbox.stripe_client(account.secret)
    intent = client.v1.payment_intents.create(CARD_SALE)
    charge_id = str(intent.latest_charge)
    before = client.v1.charges.retrieve(charge_id)
    listed_before = client.v1.balance_transactions.list().data

    own_sandbox.advance(3601)

    expand: Any = {"expand": ["balance_transaction"]}
    after: Any = client.v1.charges.retrieve(charge_id, expand)
    assert (before.balance_transaction, listed_before) == (None, [])
    assert after.balance_transaction.fee == 248
    assert [each["fee_minor"] for each in own_sandbox.movements(account)] == [248]
    types = [event.type for event in client.v1.events.list({"type": "charge.*"}).data]
    assert types == ["charge.updated", "charge.succeeded"]


def test_an_authorization_captured_in_time_does_not_expire(own_sandbox: Sandbox) -> None:
    client = own_sandbox.new_stripe()
    held = client.v1.payment_intents.create({**CARD_SALE, "capture_method": "manual"})
    client.v1.payment_intents.capture(held.id)

    own_sandbox.advance(8 * 86_400)

    assert client.v1.payment_intents.retrieve(held.id).status == "succeeded"


def test_an_authorization_expires_after_seven_days(own_sandbox: Sandbox) -> None:
    account = own_sandbox.put_account("stripe")
    client = own_sandbox.stripe_client(account.secret)
    held = client.v1.payment_intents.create({**CARD_SALE, "capture_method": "manual"})

    own_sandbox.advance(8 * 86_400)

    expired = client.v1.payment_intents.retrieve(held.id)
    assert (expired.status, expired.cancellation_reason) == ("canceled", "automatic")
    assert expired.canceled_at is not None
    assert expired.canceled_at - held.created in (7 * 86_400, 7 * 86_400 + 1)
    assert own_sandbox.movements(account) == []
