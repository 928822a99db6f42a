"""What a refund of Stripe's says, word for word."""

from datetime import UTC, datetime
from typing import Any

import pytest

from bookedbarber.foundation.money import Money
from processors.adapters.stripe.refund_statements import to_refund, to_refund_form
from processors.contract import MovementKind, PaymentMethodKind, RefundRequest, RefundState
from processors.transport.answers import NotUnderstood

REFERENCE = "ref_01jd00000000000000000000000"
CREATED = 1_800_000_000

# The resource `refund` of Stripe's published fixtures (stripe/openapi, MIT).
FIXTURE: dict[str, Any] = {
    "amount": 100,
    "balance_transaction": None,
    "charge": "ch_1PgafuB7WZ01zgkWXYmPNZs8",
    "created": 1234567890,
    "currency": "usd",
    "destination_details": {"card": {"type": "reversal"}, "type": "card"},
    "id": "re_1Pgc72B7WZ01zgkWqPvrRrPE",
    "metadata": {},
    "object": "refund",
    "payment_intent": None,
    "reason": None,
    "receipt_number": None,
    "source_transfer_reversal": None,
    "status": "succeeded",
    "transfer_reversal": None,
    "customer": None,
    "customer_account": None,
    "payment_method": None,
}


def booked(transaction_id: str, *, created: int = CREATED, fee: int = 0) -> dict[str, Any]:
    return {
        "id": transaction_id,
        "object": "balance_transaction",
        "available_on": created + 86_400,
        "created": created,
        "currency": "usd",
        "fee": fee,
    }


def refund(**changes: Any) -> dict[str, Any]:
    """Of ours, as an answer with everything expanded."""
    said = {
        "id": "re_1",
        "object": "refund",
        "amount": 30_00,
        "balance_transaction": booked("txn_1"),
        "charge": "ch_1",
        "created": CREATED,
        "currency": "usd",
        "destination_details": {"type": "card"},
        "failure_balance_transaction": None,
        "metadata": {"reference": REFERENCE, "reason": "Too short"},
        "payment_intent": "pi_1",
        "reason": None,
        "status": "succeeded",
    }
    return said | changes


def failed(**changes: Any) -> dict[str, Any]:
    returned = booked("txn_2", created=CREATED + 600)
    said = {"status": "failed", "failure_reason": "lost_or_stolen_card"}
    return refund(failure_balance_transaction=returned, **said) | changes


def test_a_refund_has_moved_what_its_balance_transaction_says():
    statement = to_refund(refund())

    [moved] = statement.movements
    assert (statement.state, statement.our_reference) == (RefundState.SUCCEEDED, REFERENCE)
    assert (statement.reason, statement.payment_external_id) == ("Too short", "pi_1")
    assert (moved.kind, moved.external_id, moved.group_id) == (MovementKind.REFUND, "re_1", "pi_1")
    assert (moved.parent_external_id, moved.amount) == ("ch_1", Money(30_00, "USD"))
    assert (moved.fee, moved.method) == (Money(0, "USD"), PaymentMethodKind.CARD)
    assert moved.occurred_at == datetime.fromtimestamp(CREATED, UTC)


def test_an_event_names_the_refund_before_its_fee_is_known():
    told = to_refund(refund(balance_transaction="txn_1"))
    asked = to_refund(refund())

    [moved], [known] = told.movements, asked.movements
    assert (moved.fee, moved.available_at) == (None, None)
    assert moved.version < known.version
    assert not told.is_abridged


@pytest.mark.parametrize("status", ["pending", "requires_action"])
def test_the_money_of_a_pending_refund_has_left_where_the_balance_says_so(status):
    waiting = to_refund(refund(status=status, balance_transaction=None))
    leaving = to_refund(refund(status=status))

    assert (waiting.state, waiting.movements) == (RefundState.PENDING, ())
    assert (leaving.state, len(leaving.movements)) == (RefundState.PENDING, 1)


def test_one_that_failed_has_come_back():
    statement = to_refund(failed())

    out, back = statement.movements
    assert (statement.state, statement.failure_code) == (
        RefundState.FAILED,
        "lost_or_stolen_card",
    )
    assert (out.kind, out.external_id) == (MovementKind.REFUND, "re_1")
    assert (back.kind, back.external_id) == (MovementKind.REFUND_FAILED, "txn_2")
    assert (back.parent_external_id, back.amount) == ("re_1", Money(30_00, "USD"))
    assert back.occurred_at == datetime.fromtimestamp(CREATED + 600, UTC)
    assert statement.version > to_refund(refund()).version


def test_an_event_of_a_failure_does_not_say_all():
    statement = to_refund(failed(failure_balance_transaction="txn_2"))

    assert statement.is_abridged
    assert [moved.kind for moved in statement.movements] == [MovementKind.REFUND]


def test_one_that_was_canceled_before_it_left_has_moved_nothing():
    statement = to_refund(refund(status="canceled", balance_transaction=None))

    assert (statement.state, statement.movements) == (RefundState.CANCELED, ())


def test_letting_go_of_a_hold_moves_nothing():
    assert to_refund(FIXTURE).movements == ()


def test_a_refund_that_is_not_ours_has_no_reference():
    statement = to_refund(FIXTURE)

    assert (statement.our_reference, statement.reason) == ("", "")
    assert statement.payment_external_id == "ch_1PgafuB7WZ01zgkWXYmPNZs8"
    assert to_refund(refund(metadata={}, reason="duplicate")).reason == "duplicate"


@pytest.mark.parametrize(
    "changes",
    [
        {"object": "charge"},
        {"id": None},
        {"id": "re 1"},
        {"amount": "3000"},
        {"amount": 0},
        {"amount": -1},
        {"amount": 10**16},
        {"currency": "xxx"},
        {"status": "teleported"},
        {"created": None},
        {"metadata": []},
        {"balance_transaction": {"id": "txn_1"}},
        {"failure_balance_transaction": {"id": "txn_2"}},
        {"payment_intent": 5},
    ],
    ids=str,
)
def test_what_we_cannot_read_is_not_understood(changes):
    with pytest.raises(NotUnderstood):
        to_refund(refund(**changes))


def test_the_form_carries_our_reference_and_the_reason():
    request = RefundRequest(
        reference=REFERENCE,
        payment_external_id="pi_1",
        amount=Money(30_00, "USD"),
        reason="x" * 600,
    )

    form = to_refund_form(request)

    assert (form["payment_intent"], form["amount"]) == ("pi_1", 30_00)
    assert form["metadata"] == {"reference": REFERENCE, "reason": "x" * 500}
