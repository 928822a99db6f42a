"""What a refund of Square's says, word for word."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bookedbarber.foundation.ids import new_public_id
from bookedbarber.foundation.money import Money
from processors.adapters.square.refund_statements import (
    to_refund,
    to_refund_body,
    to_refund_page,
)
from processors.contract import MovementKind, PaymentMethodKind, RefundRequest, RefundState
from processors.transport.answers import NotUnderstood

REFERENCE = new_public_id("ref")

# Square's published example of refund.updated (connect-api-specification, Apache-2.0).
EXAMPLE: dict[str, Any] = {
    "amount_money": {"amount": 1000, "currency": "USD"},
    "created_at": "2020-02-06T21:27:41.836Z",
    "id": "KkAkhdMsgzn59SM8A89WgKwekxLZY_ptNBVqHYxt5gAdfcobBe4u1AZsXhoz06KTtuq9Ls24P",
    "location_id": "NAQ1FHV6ZJ8YV",
    "order_id": "haOyDuHiqtAXMk0d8pDKXpL7Jg4F",
    "payment_id": "KkAkhdMsgzn59SM8A89WgKwekxLZY",
    "processing_fee": [
        {
            "amount_money": {"amount": -59, "currency": "USD"},
            "effective_at": "2020-02-06T23:27:31.000Z",
            "type": "INITIAL",
        }
    ],
    "status": "COMPLETED",
    "updated_at": "2020-02-06T22:14:16.381Z",
    "version": 10,
}


def refund(**changes: Any) -> dict[str, Any]:
    said = {
        "id": "pay1_refund1",
        "status": "COMPLETED",
        "amount_money": {"amount": 30_00, "currency": "USD"},
        "payment_id": "pay1",
        "location_id": "LOC1",
        "destination_type": "CARD",
        "reason": f"Too short [{REFERENCE}]",
        "created_at": "2027-01-15T08:00:00.000Z",
        "updated_at": "2027-01-15T08:00:01.500Z",
    }
    return said | changes


def a_request(reason: str = "") -> RefundRequest:
    return RefundRequest(
        reference=REFERENCE, payment_external_id="pay1", amount=Money(30_00, "USD"), reason=reason
    )


def test_a_completed_refund_has_moved():
    statement = to_refund(refund())

    [moved] = statement.movements
    assert (statement.state, statement.reason) == (RefundState.SUCCEEDED, "Too short")
    assert (moved.kind, moved.external_id) == (MovementKind.REFUND, "pay1_refund1")
    assert (moved.parent_external_id, moved.group_id) == ("pay1", "pay1")
    assert (moved.our_reference, moved.fee) == (REFERENCE, Money(0, "USD"))
    assert moved.method is PaymentMethodKind.CARD


def test_a_fee_that_is_given_back_is_less_than_nothing():
    [moved] = to_refund(EXAMPLE).movements

    assert moved.fee == Money(-59, "USD")


def test_a_pending_refund_has_moved_nothing():
    statement = to_refund(refund(status="PENDING"))

    assert (statement.state, statement.movements) == (RefundState.PENDING, ())


@pytest.mark.parametrize(
    ("status", "state"), [("FAILED", RefundState.FAILED), ("REJECTED", RefundState.CANCELED)]
)
def test_what_did_not_go_through_is_nothing_on_the_whole(status, state):
    later = "2027-01-18T08:00:00.000Z"
    statement = to_refund(refund(status=status, updated_at=later))

    out, back = statement.movements
    assert (statement.state, statement.failure_code) == (state, status.lower())
    assert (out.kind, back.kind) == (MovementKind.REFUND, MovementKind.REFUND_FAILED)
    assert (back.external_id, back.parent_external_id) == ("pay1_refund1:failed", "pay1_refund1")
    assert out.amount == back.amount
    assert statement.version > to_refund(refund()).version


@pytest.mark.parametrize(
    ("reason", "read"),
    [
        (None, ("", "")),
        ("Too short", ("Too short", "")),
        (f"[{REFERENCE}]", ("", REFERENCE)),
        (f"a [b] [{REFERENCE}]", ("a [b]", REFERENCE)),
        (f"[{REFERENCE}] and more", (f"[{REFERENCE}] and more", "")),
        ("[ref_short]", ("[ref_short]", "")),
    ],
)
def test_our_reference_is_the_end_of_the_reason(reason, read):
    statement = to_refund(refund(reason=reason))

    assert (statement.reason, statement.our_reference) == read


@given(st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=300))
def test_any_reason_fits_and_is_read_back(reason):
    body = to_refund_body(a_request(reason))

    statement = to_refund(refund(reason=body["reason"]))
    assert len(body["reason"]) <= 192
    assert statement.our_reference == REFERENCE
    assert statement.reason == reason[:159]


@pytest.mark.parametrize(
    "changes",
    [
        {"id": None},
        {"status": "TELEPORTED"},
        {"status": None},
        {"amount_money": None},
        {"amount_money": {"amount": 0, "currency": "USD"}},
        {"amount_money": {"amount": "1", "currency": "USD"}},
        {"amount_money": {"amount": 1, "currency": "XXX"}},
        {"created_at": "yesterday"},
        {"reason": 5},
        {"payment_id": 5},
        {"processing_fee": {"amount": 1}},
        {"processing_fee": [{"amount_money": {"amount": 1, "currency": "CAD"}}]},
    ],
    ids=str,
)
def test_what_we_cannot_read_is_not_understood(changes):
    with pytest.raises(NotUnderstood):
        to_refund(refund(**changes))


@pytest.mark.parametrize("page", [{"refunds": {}}, {"refunds": ["x"]}, {"cursor": 5}], ids=str)
def test_a_page_that_is_none_is_not_understood(page):
    with pytest.raises(NotUnderstood):
        to_refund_page(page)
