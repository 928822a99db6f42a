"""Money in a currency that an account does not hold: its fee, and what it was converted into."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from bookedbarber.foundation.money import Money
from processors.adapters.stripe.balance import to_booked_movement
from processors.adapters.stripe.disputes import to_dispute
from processors.adapters.stripe.refund_statements import to_refund
from processors.adapters.stripe.settlements import read_settlement
from processors.adapters.stripe.translate import get_id, to_movement
from processors.contract import Movement, list_sides
from processors.transport.lists import PageReading
from tests.processors.stripe import samples
from tests.processors.stripe.test_balance import REFUND, TRANSFER, booked
from tests.processors.stripe.test_disputes import a_dispute
from tests.processors.stripe.test_translate import REQUEST

CAD = {"currency": "cad"}


def entry(amount: int, fee: int = 0, **fields: Any) -> dict[str, Any]:
    """In US dollars, of 100.00 Canadian ones."""
    return booked("charge", amount, fee=fee, exchange_rate=0.73, **fields)


def cad(minor: int) -> Money:
    return Money(minor, "CAD")


def say(movement: Movement) -> list[tuple[str, str]]:
    return [(one.kind.value, str(one.amount)) for one in list_sides(movement)]


def test_a_charge_is_what_the_payer_paid_with_its_sides_and_a_fee_in_his_currency():
    said = samples.charge(REQUEST) | CAD | {"amount": 100_00, "amount_captured": 100_00}

    movement = to_movement(said | {"balance_transaction": entry(73_00, 2_42)})

    assert (movement.amount, movement.fee) == (cad(100_00), cad(3_32))
    assert say(movement) == [
        ("charge", "100.00 CAD"),
        ("conversion_out", "96.68 CAD"),
        ("conversion_in", "70.58 USD"),
    ]
    _, *sides = list_sides(movement)
    assert {side.external_id for side in sides} == {"txn_1"}
    assert {side.group_id for side in sides} == {movement.group_id}


def test_a_charge_that_has_not_been_captured_converts_nothing():
    said = samples.charge(REQUEST) | CAD | {"status": "pending", "captured": False}

    movement = to_movement(said | {"balance_transaction": entry(73_00, 2_42)})

    assert [one.kind.value for one in list_sides(movement)] == ["charge"]


def test_what_goes_back_is_converted_the_other_way():
    refund = REFUND | CAD | {"amount": 100_00, "balance_transaction": entry(-73_00)}
    dispute = a_dispute(amount=100_00, balance_transactions=[entry(-73_00, 15_00)], **CAD)

    assert say(to_refund(refund).movements[0]) == [
        ("refund", "100.00 CAD"),
        ("conversion_in", "100.00 CAD"),
        ("conversion_out", "73.00 USD"),
    ]
    assert say(to_dispute(dispute).movements[0]) == [
        ("dispute", "100.00 CAD"),
        ("conversion_in", "120.55 CAD"),
        ("conversion_out", "88.00 USD"),
    ]


def test_what_is_listed_is_there_with_its_sides():
    transfer = TRANSFER | CAD | {"amount": 100_00}
    page = PageReading(get_id)

    page.add_movements([to_booked_movement(booked("transfer", -73_00, source=transfer))])

    listed = page.to_page("").movements
    assert [(one.kind.value, str(one.amount)) for one in listed] == [
        ("transfer", "100.00 CAD"),
        ("conversion_in", "100.00 CAD"),
        ("conversion_out", "73.00 USD"),
    ]


amounts = st.integers(1, 10**7)


@given(amounts, amounts, st.integers(-(10**7), 10**7), st.sampled_from([1, -1]))
def test_nothing_is_left_in_the_payers_currency_and_all_of_the_entry_in_the_accounts(
    amount_minor, entry_minor, fee_minor, sign
):
    said = entry(sign * entry_minor, fee_minor)

    settled = read_settlement(said, cad(amount_minor), least_fee=-(10**7))

    assert settled.fee is not None
    assert settled.conversion is not None
    moved = cad(sign * amount_minor) - settled.fee
    assert moved - settled.conversion.taken == cad(0)
    assert settled.conversion.given == Money(sign * entry_minor - fee_minor, "USD")
    assert 2 * abs(settled.fee.amount_minor * entry_minor - fee_minor * amount_minor) <= entry_minor


def test_of_an_entry_of_nothing_no_fee_is_known():
    settled = read_settlement(entry(0, 30), cad(1))

    assert (settled.fee, settled.conversion) == (None, None)
