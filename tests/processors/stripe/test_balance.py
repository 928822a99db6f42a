"""Each balance transaction of Stripe's is a movement, or named as none."""

import re
from typing import Any

import pytest
import stripe
from stripe.params.reporting import ReportRunCreateParamsParameters

from bookedbarber.foundation.money import Money
from processors.adapters.stripe import balance
from processors.adapters.stripe.balance import find_unused, get_category, to_booked_movement
from processors.contract import MovementKind
from processors.transport import NotUnderstood

CREATED = 1_800_000_000


def list_words(model: type, field: str) -> set[str]:
    """The words of a Literal in the SDK, which writes some of its types as text."""
    return set(re.findall(r"'(\w+)'", str(model.__annotations__[field])))


OFFICIAL_TYPES = list_words(stripe.BalanceTransaction, "type")
OFFICIAL_CATEGORIES = list_words(ReportRunCreateParamsParameters, "reporting_category")


def booked(category: str = "charge", amount: int = -20_00, **fields: Any) -> dict[str, Any]:
    return {
        "id": "txn_1",
        "object": "balance_transaction",
        "amount": amount,
        "available_on": CREATED + 86_400,
        "created": CREATED,
        "currency": "usd",
        "fee": 0,
        "net": amount,
        "reporting_category": category,
        "source": None,
        "status": "available",
        "type": "adjustment",
    } | fields


CHARGE = {
    "id": "ch_1",
    "object": "charge",
    "amount": 20_00,
    "amount_captured": 20_00,
    "captured": True,
    "created": CREATED,
    "currency": "usd",
    "metadata": {},
    "payment_intent": "pi_1",
    "payment_method_details": {"type": "card_present"},
    "status": "succeeded",
}
REFUND = {
    "id": "re_1",
    "object": "refund",
    "amount": 5_00,
    "charge": "ch_1",
    "created": CREATED,
    "currency": "usd",
    "metadata": {},
    "payment_intent": "pi_1",
    "status": "succeeded",
}
DISPUTE = {"id": "dp_1", "object": "dispute", "charge": "ch_1"}
TRANSFER = {
    "id": "tr_1",
    "object": "transfer",
    "amount": 20_00,
    "created": CREATED,
    "currency": "usd",
    "metadata": {"reference": "out_1"},
}
REVERSAL = {
    "id": "trr_1",
    "object": "transfer_reversal",
    "amount": 5_00,
    "created": CREATED,
    "currency": "usd",
    "transfer": TRANSFER,
}


def test_every_official_category_has_a_place():
    placed = set(balance._READERS) | balance.OF_STRIPE | {balance.PARTIAL_CAPTURE}

    assert len(OFFICIAL_CATEGORIES) > 30
    assert placed >= OFFICIAL_CATEGORIES


def test_what_a_failed_debit_showed_while_it_was_under_way_is_no_movement():
    undone = booked("charge_failure", source={**CHARGE, "status": "failed"})

    assert balance.find_unused(undone) == "debit_that_failed"
    assert balance.find_unused(booked("charge_failure", source=CHARGE)) == ""


def test_every_official_type_has_a_place_without_its_category():
    placed = set(balance.CATEGORY_OF_TYPE) | balance.TYPES_OF_STRIPE

    assert len(OFFICIAL_TYPES) > 45
    assert placed >= OFFICIAL_TYPES
    assert set(balance.CATEGORY_OF_TYPE.values()) <= set(balance._READERS)


@pytest.mark.parametrize(
    ("transaction", "kind", "name", "parent"),
    [
        (booked("charge", 20_00, fee=88, source=CHARGE), "charge", "ch_1", ""),
        (booked("charge_failure", source=CHARGE), "refund", "txn_1", "ch_1"),
        (booked("refund", -5_00, source=REFUND), "refund", "re_1", "ch_1"),
        (booked("refund_failure", 5_00, source=REFUND), "refund_failed", "txn_1", "re_1"),
        (booked("dispute", fee=15_00, source=DISPUTE), "dispute", "txn_1", "ch_1"),
        (booked("dispute", source=CHARGE), "dispute", "txn_1", "ch_1"),
        (booked("dispute_reversal", 20_00, source=DISPUTE), "dispute_won", "txn_1", "ch_1"),
        (booked("transfer", source=TRANSFER), "transfer", "tr_1", ""),
        (booked("transfer_reversal", 5_00, source=REVERSAL), "transfer_reversed", "trr_1", "tr_1"),
        (booked("transfer_reversal", source=TRANSFER), "transfer_reversed", "txn_1", "tr_1"),
        (booked("payout", source="po_1"), "bank_payout", "po_1", ""),
        (booked("payout", 20_00, source="po_1"), "bank_payout_failed", "txn_1", ""),
        (booked("payout_reversal", 20_00, source="po_1"), "bank_payout_failed", "txn_1", "po_1"),
        (booked("topup", 20_00, source="tu_1"), "bank_payout_failed", "txn_1", ""),
        (booked("fee"), "processor_charge", "txn_1", ""),
        (booked("other_adjustment", 20_00), "processor_credit", "txn_1", ""),
        (booked("a_category_of_tomorrow"), "processor_charge", "txn_1", ""),
        (booked("currency_conversion"), "conversion_out", "txn_1", ""),
        (booked("other_adjustment", 20_00, exchange_rate=1.36), "conversion_in", "txn_1", ""),
        (booked("", type="stripe_fee"), "processor_charge", "txn_1", ""),
        (booked("", type="payout_failure", source="po_1"), "bank_payout_failed", "txn_1", "po_1"),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_a_movement_is_named_by_what_moved_it(transaction, kind, name, parent):
    movement = to_booked_movement(transaction)

    assert (movement.kind, movement.external_id) == (MovementKind(kind), name)
    assert movement.parent_external_id == parent
    assert movement.amount > Money.zero("USD")


def test_a_sale_at_a_reader_has_its_tip_and_fee():
    intent = {"id": "pi_1", "amount_details": {"tip": {"amount": 3_00}}, "client_secret": "s"}
    sale = CHARGE | {"payment_intent": intent}

    movement = to_booked_movement(booked("charge", 20_00, fee=88, source=sale))

    assert (movement.tip, movement.fee) == (Money(3_00, "USD"), Money(88, "USD"))
    assert movement.group_id == "pi_1"
    assert "client_secret" not in str(movement.raw)


def test_a_disputes_fee_is_its_own():
    movement = to_booked_movement(booked("dispute", fee=15_00, source=DISPUTE))

    assert movement.fee == Money(15_00, "USD")


@pytest.mark.parametrize(
    ("transaction", "reason"),
    [
        (booked("partial_capture_reversal"), "partial_capture_reversal"),
        (booked("fee", balance_type="issuing"), "balance_of_another_type"),
        (
            booked("charge", 20_00, source=CHARGE | {"source_transfer": "tr_1"}),
            "transfer_received",
        ),
        (booked("fee", 0), "fee_of_nothing"),
    ],
)
def test_what_is_no_movement_is_named(transaction, reason):
    assert find_unused(transaction) == reason


def test_everything_else_is_one():
    assert find_unused(booked("refund", source=REFUND, balance_type="payments")) == ""
    assert get_category(booked("", type="payment")) == "charge"


@pytest.mark.parametrize(
    "transaction",
    [
        booked("charge", 20_00, source="ch_1"),
        booked("refund", source=CHARGE),
        booked("dispute"),
        booked("payout"),
        booked("fee", currency="xyz"),
        booked("fee", 10**20),
        booked("fee", object="charge"),
    ],
)
def test_what_it_does_not_say_is_not_guessed(transaction):
    with pytest.raises(NotUnderstood):
        to_booked_movement(transaction)
