"""Stripe's disputes as we read them."""

import itertools
from typing import Any

import pytest

from bookedbarber.foundation.money import Money
from processors.adapters.stripe.disputes import to_dispute
from processors.contract import DisputeState, MovementKind
from processors.errors import AnswerLost

DUE_BY = 1_723_679_999


def a_dispute(status: str = "needs_response", **fields: Any) -> dict[str, Any]:
    """The shape of Stripe's official example."""
    return {
        "id": "dp_1Pgc71B7WZ01zgkWMevJiAUx",
        "object": "dispute",
        "amount": 60_00,
        "balance_transactions": [booked(-60_00, fee=15_00)],
        "charge": "ch_1PgafuB7WZ01zgkWXYmPNZs8",
        "created": 1_234_567_890,
        "currency": "usd",
        "evidence": {"customer_name": None},
        "evidence_details": {"due_by": DUE_BY, "submission_count": 0},
        "reason": "fraudulent",
        "status": status,
    } | fields


def booked(amount: int, *, fee: int, name: str = "txn_1") -> dict[str, Any]:
    return {
        "id": name,
        "object": "balance_transaction",
        "amount": amount,
        "available_on": 1_234_567_890,
        "created": 1_234_567_890,
        "currency": "usd",
        "fee": fee,
        "net": amount - fee,
        "type": "adjustment",
    }


def test_a_dispute_names_its_charge_deadline_and_what_it_took():
    statement = to_dispute(a_dispute())

    (taken,) = statement.movements
    assert statement.state == DisputeState.NEEDS_RESPONSE
    assert statement.charge_external_id == "ch_1PgafuB7WZ01zgkWXYmPNZs8"
    assert statement.due_by is not None
    assert int(statement.due_by.timestamp()) == DUE_BY
    assert (taken.kind, taken.external_id) == (MovementKind.DISPUTE, "txn_1")
    assert (taken.amount, taken.fee) == (Money(60_00, "USD"), Money(15_00, "USD"))
    assert taken.group_id == statement.external_id
    assert taken.parent_external_id == statement.charge_external_id


def test_money_given_back_is_a_movement_the_other_way_with_its_fee():
    back = booked(60_00, fee=-15_00, name="txn_2")
    statement = to_dispute(a_dispute("won", balance_transactions=[booked(-60_00, fee=15_00), back]))

    given = statement.movements[1]
    assert (given.kind, given.external_id) == (MovementKind.DISPUTE_WON, "txn_2")
    assert (given.amount, given.fee) == (Money(60_00, "USD"), Money(-15_00, "USD"))


@pytest.mark.parametrize(
    ("status", "state"),
    [
        ("warning_needs_response", DisputeState.INQUIRY),
        ("warning_under_review", DisputeState.INQUIRY),
        ("warning_closed", DisputeState.CLOSED),
        ("prevented", DisputeState.CLOSED),
        ("needs_response", DisputeState.NEEDS_RESPONSE),
        ("under_review", DisputeState.UNDER_REVIEW),
        ("won", DisputeState.WON),
        ("lost", DisputeState.LOST),
        ("appeal_needs_response", DisputeState.NEEDS_RESPONSE),
        ("appeal_under_review", DisputeState.UNDER_REVIEW),
    ],
)
def test_each_status_of_stripe_is_a_state_of_ours(status, state):
    assert to_dispute(a_dispute(status)).state == state


def a_life() -> list[dict[str, Any]]:
    """An inquiry that becomes a dispute, is lost, appealed, lost again and won in the end."""
    taken, back = booked(-60_00, fee=15_00), booked(60_00, fee=0, name="txn_2")
    once = {"due_by": DUE_BY, "submission_count": 1}
    twice = {"due_by": DUE_BY, "submission_count": 2}
    return [
        a_dispute("warning_needs_response", balance_transactions=[]),
        a_dispute("warning_under_review", balance_transactions=[]),
        a_dispute("warning_closed", balance_transactions=[]),
        a_dispute("needs_response", balance_transactions=[]),
        a_dispute("needs_response", balance_transactions=[taken]),
        a_dispute("under_review", balance_transactions=[taken], evidence_details=once),
        a_dispute("lost", balance_transactions=[taken], evidence_details=once),
        a_dispute("appeal_needs_response", balance_transactions=[taken], evidence_details=once),
        a_dispute("appeal_under_review", balance_transactions=[taken], evidence_details=twice),
        a_dispute("lost", balance_transactions=[taken], evidence_details=twice),
        a_dispute("won", balance_transactions=[taken], evidence_details=twice),
        a_dispute("won", balance_transactions=[taken, back], evidence_details=twice),
    ]


def test_later_words_about_a_dispute_have_higher_versions():
    versions = [to_dispute(obj).version for obj in a_life()]

    assert all(before < after for before, after in itertools.pairwise(versions))
    assert max(versions) < 2**63


@pytest.mark.parametrize(
    "fields",
    [
        {"object": "charge"},
        {"status": "something_new"},
        {"charge": None},
        {"amount": 0},
        {"currency": "xxx"},
        {"balance_transactions": "none"},
        {"balance_transactions": [booked(0, fee=0)]},
        {"evidence_details": {"submission_count": -1}},
    ],
)
def test_what_cannot_be_read_is_no_answer(fields):
    with pytest.raises(AnswerLost):
        to_dispute(a_dispute(**fields))
