"""Disputes at Square.

Source: https://developer.squareup.com/docs/disputes-api/overview
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings

from processors.adapters.square import refusals
from processors.adapters.square.client import SquareClient
from processors.adapters.square.translate import get_id, get_money
from processors.contract import DisputeState, DisputeStatement
from processors.transport import time_limit
from processors.transport.answers import (
    as_mapping,
    check,
    find_code,
    get_mapping,
    get_moment_of_text,
    get_text,
)

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

# Square's states in the order in which a dispute goes through them; the number orders statements
# of one millisecond.
_STATES = {
    "INQUIRY_EVIDENCE_REQUIRED": (DisputeState.INQUIRY, 0),
    "INQUIRY_PROCESSING": (DisputeState.INQUIRY, 1),
    "INQUIRY_CLOSED": (DisputeState.CLOSED, 2),
    "EVIDENCE_REQUIRED": (DisputeState.NEEDS_RESPONSE, 3),
    "PROCESSING": (DisputeState.UNDER_REVIEW, 4),
    "ACCEPTED": (DisputeState.LOST, 5),
    "LOST": (DisputeState.LOST, 6),
    "WON": (DisputeState.WON, 7),
}
_RANKS = 8


class SquareDisputes:
    """The ability `Disputes`."""

    _client: SquareClient

    def retrieve_dispute(self, external_id: str) -> DisputeStatement:
        with time_limit(settings.PROCESSOR_TIMEOUT_SECONDS):
            answer = self._client.get_dispute(external_id)
        statement = to_dispute(get_mapping(refusals.get_success(answer), "dispute"))
        check(statement.external_id == external_id, "id")
        return statement


def to_dispute(obj: Mapping[str, Any]) -> DisputeStatement:
    """Read a dispute. Square tells in its payout entries alone what money one has moved.

    :raises NotUnderstood: it is none, or one that says what we cannot read.
    """
    dispute = as_mapping(obj)
    word = find_code(dispute, "state")
    check(word in _STATES, "state")
    state, rank = _STATES[word]
    return DisputeStatement(
        external_id=get_id(dispute),
        state=state,
        reason=find_code(dispute, "reason").lower(),
        amount=get_money(dispute, "amount_money", least=1),
        due_by=get_moment_of_text(dispute, "due_at") if dispute.get("due_at") else None,
        charge_external_id=get_text(get_mapping(dispute, "disputed_payment"), "payment_id"),
        version=_get_milliseconds(dispute) * _RANKS + rank,
        opened_at=get_moment_of_text(dispute, "created_at"),
    )


def _get_milliseconds(dispute: Mapping[str, Any]) -> int:
    """Of the latest change; only newer disputes are numbered too."""
    changed = "updated_at" if dispute.get("updated_at") else "created_at"
    return (get_moment_of_text(dispute, changed) - _EPOCH) // timedelta(milliseconds=1)
