"""What was listed, as a discrepancy keeps it, and as a movement to record."""

from collections.abc import Mapping
from typing import Any

from django.utils.dateparse import parse_datetime

from bookedbarber.foundation.money import Money
from processors.contract import Movement, MovementKind, MovementState, PaymentMethodKind


def to_movement(statement: Mapping[str, Any]) -> Movement:
    """The movement that a row of `ListedMovement` was made of, fees in another currency apart."""
    currency = statement["currency"]
    fee_minor, available_at = statement["fee_minor"], statement["available_at"]
    occurred_at = parse_datetime(statement["occurred_at"])
    assert occurred_at is not None
    return Movement(
        kind=MovementKind(statement["kind"]),
        external_id=statement["external_id"],
        group_id=statement["group_id"],
        our_reference=statement["our_reference"],
        parent_external_id=statement["parent_external_id"],
        state=MovementState(statement["state"]),
        amount=Money(statement["amount_minor"], currency),
        tip=Money(statement["tip_minor"], currency),
        fee=None if fee_minor is None else Money(fee_minor, currency),
        method=PaymentMethodKind(statement["method"]),
        version=statement["version"],
        occurred_at=occurred_at,
        available_at=parse_datetime(available_at) if available_at else None,
        raw=statement["raw"] or {},
    )
