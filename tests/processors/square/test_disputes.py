"""Square's disputes as we read them; the example is the official event's."""

from typing import Any

import pytest

from bookedbarber.foundation.money import Money
from processors.adapters.square.disputes import to_dispute
from processors.contract import DisputeState
from processors.errors import AnswerLost


def a_dispute(state: str = "WON", **fields: Any) -> dict[str, Any]:
    return {
        "amount_money": {"amount": 8801, "currency": "USD"},
        "brand_dispute_id": "r9rKGSBBQbywBNnWWIiGFg",
        "card_brand": "VISA",
        "created_at": "2020-02-19T21:24:53.258Z",
        "disputed_payment": {"payment_id": "fbmsaEOpoARDKxiSGH1fqPuqoqFZY"},
        "due_at": "2020-03-04T00:00:00.000Z",
        "id": "ORSEVtZAJxb37RA1EiGw",
        "location_id": "VJDQQP3CG14EY",
        "reason": "AMOUNT_DIFFERS",
        "reported_at": "2020-02-19T00:00:00.000Z",
        "state": state,
        "updated_at": "2020-02-19T21:34:41.851Z",
        "version": 6,
    } | fields


def test_a_dispute_names_its_payment_deadline_and_reason():
    statement = to_dispute(a_dispute())

    assert statement.state == DisputeState.WON
    assert (statement.amount, statement.reason) == (Money(88_01, "USD"), "amount_differs")
    assert statement.charge_external_id == "fbmsaEOpoARDKxiSGH1fqPuqoqFZY"
    assert statement.due_by is not None
    assert statement.due_by.isoformat() == "2020-03-04T00:00:00+00:00"
    assert statement.movements == ()


@pytest.mark.parametrize(
    ("word", "state"),
    [
        ("INQUIRY_EVIDENCE_REQUIRED", DisputeState.INQUIRY),
        ("INQUIRY_PROCESSING", DisputeState.INQUIRY),
        ("INQUIRY_CLOSED", DisputeState.CLOSED),
        ("EVIDENCE_REQUIRED", DisputeState.NEEDS_RESPONSE),
        ("PROCESSING", DisputeState.UNDER_REVIEW),
        ("ACCEPTED", DisputeState.LOST),
        ("LOST", DisputeState.LOST),
        ("WON", DisputeState.WON),
    ],
)
def test_each_state_of_square_is_a_state_of_ours(word, state):
    assert to_dispute(a_dispute(word)).state == state


def test_a_later_change_has_a_higher_version_whatever_its_state():
    won = to_dispute(a_dispute("WON"))
    taken_again = to_dispute(a_dispute("LOST", updated_at="2020-02-19T21:34:41.852Z"))

    assert won.version < taken_again.version


@pytest.mark.parametrize(
    "fields",
    [
        {"state": "NEW"},
        {"amount_money": None},
        {"disputed_payment": {}},
        {"created_at": "yesterday", "updated_at": None},
        {"id": "not an id"},
    ],
)
def test_what_cannot_be_read_is_no_answer(fields):
    with pytest.raises(AnswerLost):
        to_dispute(a_dispute(**fields))
