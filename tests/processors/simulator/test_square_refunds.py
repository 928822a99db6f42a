"""Giving money back through Square."""

from typing import Any

import pytest
from square.core.api_error import ApiError

from tests.processors.simulator.conftest import Sandbox, square_sale


def pay(client: Any, **changes: Any) -> str:
    payment = client.payments.create(**square_sale(**changes)).payment
    assert payment is not None
    return str(payment.id)


def refund(client: Any, payment_id: str, amount: int, key: str) -> Any:
    return client.refunds.refund_payment(
        idempotency_key=key,
        payment_id=payment_id,
        amount_money={"amount": amount, "currency": "USD"},
        reason="Unhappy",
    ).refund


def test_parts_are_refunded_and_add_up_on_the_payment(sandbox: Sandbox) -> None:
    account = sandbox.put_account("square")
    client = sandbox.square_client(account.secret)
    payment_id = pay(client, reference_id="leg_9")

    first = refund(client, payment_id, 2500, "a")
    second = refund(client, payment_id, 5000, "b")

    assert (first.status, first.reason) == ("COMPLETED", "Unhappy")
    payment: Any = client.payments.get(payment_id).payment
    assert payment.refunded_money.amount == 7500
    assert payment.refund_ids == [first.id, second.id]
    assert payment.status == "COMPLETED"
    assert client.refunds.get(first.id).refund.payment_id == payment_id
    amounts = [(m["amount_minor"], m["fee_minor"]) for m in sandbox.movements(account)]
    assert amounts == [(7500, 205), (-2500, 0), (-5000, 0)]


def test_more_than_is_left_is_not_refunded(sandbox: Sandbox) -> None:
    client = sandbox.new_square()
    payment_id = pay(client)
    refund(client, payment_id, 7000, "a")

    with pytest.raises(ApiError) as refused:
        refund(client, payment_id, 501, "b")

    assert refused.value.errors[0].category == "REFUND_ERROR"
    assert refused.value.errors[0].code == "REFUND_AMOUNT_INVALID"


def test_only_completed_payments_are_refunded(sandbox: Sandbox) -> None:
    client = sandbox.new_square()
    payment_id = pay(client, autocomplete=False)

    with pytest.raises(ApiError) as refused:
        refund(client, payment_id, 100, "a")

    assert refused.value.errors[0].code == "REFUND_ERROR_PAYMENT_NEEDS_COMPLETION"


def test_the_same_key_refunds_once(sandbox: Sandbox) -> None:
    account = sandbox.put_account("square")
    client = sandbox.square_client(account.secret)
    payment_id = pay(client)

    first, again = refund(client, payment_id, 100, "a"), refund(client, payment_id, 100, "a")

    assert first.id == again.id
    assert len(sandbox.movements(account)) == 2


def test_a_pending_refund_completes_on_the_clock(own_sandbox: Sandbox) -> None:
    client = own_sandbox.new_square(refund_delay_seconds=60)
    pending = refund(client, pay(client), 100, "a")

    own_sandbox.advance(61)

    assert pending.status == "PENDING"
    assert client.refunds.get(pending.id).refund.status == "COMPLETED"


def test_refunds_are_listed_newest_first_and_by_status(sandbox: Sandbox) -> None:
    client = sandbox.new_square()
    payment_id = pay(client)
    ids = [refund(client, payment_id, 100, key).id for key in ("a", "b", "c")]

    assert [each.id for each in client.refunds.list(limit=2)] == ids[::-1]
    assert list(client.refunds.list(status="PENDING")) == []
