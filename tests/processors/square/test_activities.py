"""Each entry of a payout of Square's is a movement, or named as none."""

import typing
from typing import Any

import pytest
from square.types.activity_type import ActivityType

from bookedbarber.foundation.money import Money
from processors.adapters.square import activities
from processors.adapters.square.activities import (
    find_unused,
    to_entry_movement,
    to_payout_movements,
)
from processors.contract import MovementKind
from processors.transport import NotUnderstood

OFFICIAL = {
    word
    for part in typing.get_args(ActivityType)
    for word in typing.get_args(part)
    if isinstance(word, str)
}


def entry(activity: str, amount: int, **fields: Any) -> dict[str, Any]:
    return {
        "id": "poe_1",
        "payout_id": "po_1",
        "effective_at": "2026-06-01T12:00:00.000Z",
        "type": activity,
        "gross_amount_money": {"amount": amount, "currency": "USD"},
        "fee_amount_money": {"amount": 0, "currency": "USD"},
        "net_amount_money": {"amount": amount, "currency": "USD"},
    } | fields


def payout(status: str, amount: int = 50_00) -> dict[str, Any]:
    return {
        "id": "po_1",
        "status": status,
        "location_id": "L1",
        "created_at": "2026-06-01T12:00:00.000Z",
        "updated_at": "2026-06-03T12:00:00.000Z",
        "amount_money": {"amount": amount, "currency": "USD"},
    }


def test_every_official_activity_has_one_place():
    places = [activities.OF_DISPUTES, activities.OF_SQUARE, activities.NOT_USED]

    assert len(OFFICIAL) == 58
    assert frozenset().union(*places) == OFFICIAL
    assert sum(map(len, places)) == 58


@pytest.mark.parametrize("activity", sorted(activities.NOT_USED))
def test_what_is_said_elsewhere_or_the_sellers_own_is_named(activity):
    assert find_unused(entry(activity, -5_00)) == activity.lower()


@pytest.mark.parametrize("activity", sorted(activities.OF_SQUARE | {"SOMETHING_OF_TOMORROW"}))
def test_what_square_takes_and_gives_back_goes_by_its_sign(activity):
    assert find_unused(entry(activity, -5_00)) == ""
    assert to_entry_movement(entry(activity, -5_00)).kind is MovementKind.PROCESSOR_CHARGE
    assert to_entry_movement(entry(activity, 5_00)).kind is MovementKind.PROCESSOR_CREDIT
    assert to_entry_movement(entry(activity, -5_00)).amount == Money(5_00, "USD")


@pytest.mark.parametrize("activity", sorted(activities.OF_DISPUTES))
def test_a_dispute_takes_and_gives_back_by_its_entry(activity):
    details = {f"type_{activity.lower()}_details": {"payment_id": "pay1", "dispute_id": "dts_1"}}

    taken = to_entry_movement(entry(activity, -5_00, **details))
    back = to_entry_movement(entry(activity, 5_00, **details))

    assert (taken.kind, back.kind) == (MovementKind.DISPUTE, MovementKind.DISPUTE_WON)
    assert taken.parent_external_id == back.parent_external_id == "pay1"
    assert (taken.external_id, taken.group_id) == ("poe_1", "dts_1")


def test_nothing_is_no_movement():
    assert find_unused(entry("FEE", 0)) == "fee_of_nothing"


@pytest.mark.parametrize(
    ("status", "kinds"),
    [
        ("SENT", ["bank_payout"]),
        ("PAID", ["bank_payout"]),
        ("FAILED", ["bank_payout", "bank_payout_failed"]),
    ],
)
def test_a_payout_that_failed_came_back(status, kinds):
    movements = to_payout_movements(payout(status))

    assert [movement.kind for movement in movements] == kinds
    assert [movement.external_id for movement in movements] == ["po_1", "po_1:failed"][: len(kinds)]


def test_a_currency_by_its_other_name_is_one_too():
    money = {"amount": 50_00, "currency_code": "USD"}

    assert to_payout_movements(payout("PAID") | {"amount_money": money})[0].amount == Money(
        50_00, "USD"
    )


def test_a_negative_payout_takes_money_from_the_bank():
    assert to_payout_movements(payout("PAID", -7_00))[0].kind is MovementKind.BANK_PAYOUT_FAILED


@pytest.mark.parametrize(
    "broken",
    [
        entry("FEE", -5_00, gross_amount_money=None),
        entry("FEE", -5_00, gross_amount_money={"amount": -5_00, "currency": "XYZ"}),
        entry("FEE", -5_00, effective_at=None),
        entry("FEE", -5_00, fee_amount_money={"amount": 1, "currency": "CAD"}),
    ],
)
def test_what_an_entry_does_not_say_is_not_guessed(broken):
    with pytest.raises(NotUnderstood):
        to_entry_movement(broken)
