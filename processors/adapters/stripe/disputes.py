"""Disputes at Stripe.

Source: https://docs.stripe.com/api/disputes/object, https://docs.stripe.com/disputes/how-disputes-work
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.conf import settings

from bookedbarber.foundation.money import LARGEST_MINOR, Money
from processors.adapters.stripe import refusals
from processors.adapters.stripe.client import StripeClient
from processors.adapters.stripe.settlements import read_settlement
from processors.adapters.stripe.translate import get_id
from processors.contract import (
    DisputeState,
    DisputeStatement,
    Movement,
    MovementKind,
    MovementState,
    PaymentMethodKind,
)
from processors.transport import time_limit
from processors.transport.answers import (
    as_mapping,
    check,
    find_code,
    find_mapping,
    get_amount_minor,
    get_currency,
    get_int,
    get_moment_of_seconds,
    get_text,
    mask,
)

# Stripe's states in the order in which a dispute goes through them; the number orders statements.
_STATES = {
    "warning_needs_response": (DisputeState.INQUIRY, 0),
    "warning_under_review": (DisputeState.INQUIRY, 1),
    "warning_closed": (DisputeState.CLOSED, 2),
    "prevented": (DisputeState.CLOSED, 3),
    "needs_response": (DisputeState.NEEDS_RESPONSE, 4),
    "under_review": (DisputeState.UNDER_REVIEW, 5),
    "lost": (DisputeState.LOST, 6),
    "appeal_needs_response": (DisputeState.NEEDS_RESPONSE, 7),
    "appeal_under_review": (DisputeState.UNDER_REVIEW, 8),
    "won": (DisputeState.WON, 10),
}
_LOST_AGAIN = 9  # after an appeal, for which evidence is sent a second time
_RANKS, _SUBMISSIONS, _SECONDS = 16, 128, 2**35


class StripeDisputes:
    """The ability `Disputes`."""

    _client: StripeClient

    def retrieve_dispute(self, external_id: str) -> DisputeStatement:
        with time_limit(settings.PROCESSOR_TIMEOUT_SECONDS):
            answer = self._client.retrieve_dispute(external_id)
        statement = to_dispute(refusals.get_success(answer))
        check(statement.external_id == external_id, "id")
        return statement


def to_dispute(obj: Mapping[str, Any]) -> DisputeStatement:
    """Read a dispute with the money that it has moved so far.

    :raises NotUnderstood: it is none, or one that says what we cannot read.
    """
    dispute = as_mapping(obj)
    check(dispute.get("object") == "dispute", "object")
    word = find_code(dispute, "status")
    check(word in _STATES, "status")
    booked = _list_booked(dispute)
    return DisputeStatement(
        external_id=get_id(dispute),
        state=_STATES[word][0],
        reason=find_code(dispute, "reason"),
        amount=Money(get_amount_minor(dispute, "amount", least=1), get_currency(dispute)),
        due_by=_find_due_by(dispute),
        charge_external_id=get_charge_id(dispute),
        version=_get_version(dispute, word, len(booked)),
        opened_at=get_moment_of_seconds(dispute, "created"),
        movements=tuple(to_dispute_movement(one, dispute) for one in booked),
    )


def to_dispute_movement(obj: Mapping[str, Any], dispute: Mapping[str, Any]) -> Movement:
    """Read one balance transaction of a dispute: money taken, or given back.

    A dispute moves money several times, so the movement bears the balance transaction's name. Its
    fee is negative where Stripe gives one back.

    :raises NotUnderstood: it moves nothing, or says what we cannot read.
    """
    booked = as_mapping(obj, "balance_transactions")
    check(booked.get("object") == "balance_transaction", "balance_transactions.object")
    signed = get_int(booked, "amount")
    check(0 < abs(signed) <= LARGEST_MINOR, "balance_transactions.amount")
    amount = _get_moved(Money(abs(signed), get_currency(booked)), dispute)
    settled = read_settlement(booked, amount, least_fee=-LARGEST_MINOR)
    return Movement(
        kind=MovementKind.DISPUTE if signed < 0 else MovementKind.DISPUTE_WON,
        external_id=get_id(booked),
        group_id=get_id(dispute),
        our_reference="",
        state=MovementState.COMPLETED,
        amount=amount,
        tip=Money.zero(amount.currency),
        fee=settled.fee,
        method=PaymentMethodKind.CARD,
        version=1,
        occurred_at=get_moment_of_seconds(booked, "created"),
        available_at=settled.available_at,
        raw=mask(booked),
        parent_external_id=get_charge_id(dispute),
        conversion=settled.conversion,
    )


def _get_moved(booked: Money, dispute: Mapping[str, Any]) -> Money:
    """What the balance says; all that is disputed, where the payer paid in another currency."""
    if not dispute.get("currency") or get_currency(dispute) == booked.currency:
        return booked
    return Money(get_amount_minor(dispute, "amount", least=1), get_currency(dispute))


def get_charge_id(dispute: Mapping[str, Any]) -> str:
    """
    :raises NotUnderstood: the dispute names no charge.
    """
    charge = dispute.get("charge")
    return get_id(charge) if isinstance(charge, Mapping) else get_text(dispute, "charge")


def _list_booked(dispute: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    listed = dispute.get("balance_transactions") or []
    check(isinstance(listed, list), "balance_transactions")
    return [as_mapping(one, "balance_transactions") for one in listed]


def _find_due_by(dispute: Mapping[str, Any]) -> datetime | None:
    details = find_mapping(dispute, "evidence_details")
    return get_moment_of_seconds(details, "due_by") if details.get("due_by") else None


def _get_version(dispute: Mapping[str, Any], word: str, booked: int) -> int:
    """Order statements about one dispute, which Stripe neither numbers nor dates.

    By how often it moved money, then by how far it has come, then by evidence and deadline: each
    only grows while those before it stand still.
    """
    details = find_mapping(dispute, "evidence_details")
    has_count = details.get("submission_count") is not None
    submissions = get_int(details, "submission_count") if has_count else 0
    check(submissions >= 0, "submission_count")
    rank = _LOST_AGAIN if word == "lost" and submissions > 1 else _STATES[word][1]
    due_by = _find_due_by(dispute)
    seconds = 0 if due_by is None else int(due_by.timestamp())
    parts = ((rank, _RANKS), (submissions, _SUBMISSIONS), (seconds, _SECONDS))
    version = booked
    for part, room in parts:
        version = version * room + min(part, room - 1)
    return version
