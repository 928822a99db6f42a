"""Disputes as processors state them, for tests."""

from datetime import timedelta
from typing import Any

from payments.models import Dispute
from payments.operations.disputes import note_dispute
from processors.contract import DisputeState, DisputeStatement, Movement, MovementKind
from processors.models import Connection
from tests.payments.books import BY, NOON, about, usd


def a_statement(charge: Movement, **fields: Any) -> DisputeStatement:
    """A new dispute over the whole charge that has moved nothing yet."""
    defaults: dict[str, Any] = {
        "external_id": f"dp_{charge.external_id}",
        "state": DisputeState.NEEDS_RESPONSE,
        "reason": "fraudulent",
        "amount": charge.amount,
        "due_by": NOON + timedelta(days=9),
        "charge_external_id": charge.external_id,
        "version": 1,
        "opened_at": NOON,
    }
    return DisputeStatement(**(defaults | fields))


def took(charge: Movement, *, name: str = "txn_took", **fields: Any) -> Movement:
    """The funds withdrawn, with the dispute's fee of 15.00."""
    return _move(charge, MovementKind.DISPUTE, name, fee=usd(15_00), **fields)


def gave_back(charge: Movement, *, name: str = "txn_back", **fields: Any) -> Movement:
    """The funds reinstated; the processor keeps its fee."""
    return _move(charge, MovementKind.DISPUTE_WON, name, fee=usd(0), **fields)


def note(connection: Connection, statement: DisputeStatement) -> Dispute:
    return note_dispute(statement=statement, connection=connection, by=BY, now=NOON)


def get_withdrawn(dispute: Dispute) -> int:
    return Dispute.objects.with_withdrawn().get(pk=dispute.pk).withdrawn_minor


def _move(charge: Movement, kind: MovementKind, name: str, **fields: Any) -> Movement:
    return about(charge, kind, external_id=name, group_id=f"dp_{charge.external_id}", **fields)
