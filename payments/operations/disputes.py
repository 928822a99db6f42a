"""What processors say of disputes. Money moves by their movements alone."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import connection as database

from bookedbarber.foundation.database import retry_transaction
from bookedbarber.foundation.transitions import move
from processors.contract import DisputeStatement
from processors.models import Connection

from ..models import Dispute, ExternalTransaction, Payment
from ..states import TransactionKind
from .movements import MovementFact, record_movements

# What movements have taken and not given back of these payments; none of it counts below zero.
_DISPUTED = """
UPDATE payments_payment p SET disputed_minor = moved.amount
FROM (
  SELECT d.payment_id, greatest(coalesce(sum(
      CASE m.kind WHEN 'dispute' THEN m.amount_minor ELSE -m.amount_minor END), 0), 0)::bigint
    AS amount
  FROM payments_dispute d LEFT JOIN payments_externaltransaction m
    ON m.connection_id = d.connection_id AND m.group_id = d.external_id
      AND m.kind IN ('dispute', 'dispute_won') AND m.state = 'completed'
  WHERE d.payment_id = ANY(%(payments)s) GROUP BY d.payment_id
) moved
WHERE p.id = moved.payment_id AND p.disputed_minor <> moved.amount
"""

_LINK = """
UPDATE payments_dispute d SET charge_id = m.id, payment_id = m.payment_id,
  barber_id = coalesce(m.barber_id, d.barber_id)
FROM payments_externaltransaction m
WHERE d.charge_id IS NULL AND m.connection_id = d.connection_id AND m.kind = 'charge'
  AND m.external_id = d.charge_external_id
RETURNING d.payment_id
"""

# Payments of disputes whose movements came by themselves.
_BEHIND = """
SELECT d.payment_id FROM payments_dispute d JOIN payments_payment p ON p.id = d.payment_id
JOIN payments_externaltransaction m ON m.connection_id = d.connection_id
  AND m.group_id = d.external_id AND m.kind IN ('dispute', 'dispute_won')
  AND m.state = 'completed'
GROUP BY d.payment_id, p.disputed_minor
HAVING greatest(sum(CASE m.kind WHEN 'dispute' THEN m.amount_minor ELSE -m.amount_minor END), 0)
  <> p.disputed_minor
"""


@retry_transaction
def note_dispute(
    *, statement: DisputeStatement, connection: Connection, by: str, now: datetime
) -> Dispute:
    """Record what a processor says of a dispute, with the money that it moved. One transaction.

    Safe to repeat in any order: the newest version is kept, an older one changes nothing but may
    still bring a movement. An unknown payment is found when its movement comes.
    """
    charge = _find_charge(statement, connection)
    if charge is not None and charge.payment_id is not None:
        # Locks are taken in one order: the payment, then what hangs on it.
        Payment.objects.select_for_update(no_key=True, of=["self"]).get(pk=charge.payment_id)
    facts = [MovementFact(connection, movement) for movement in statement.movements]
    record_movements(facts, by=by, now=now)
    dispute = _keep(statement, connection, charge, by)
    if dispute.payment_id is not None:
        update_disputed_amounts(payment_ids=[dispute.payment_id])
    return dispute


def update_disputed_amounts(*, payment_ids: Sequence[int]) -> int:
    """Let payments say what movements of their disputes have taken. Returns how many changed.

    Call it in the transaction that records the movements.
    """
    with database.cursor() as cursor:
        cursor.execute(_DISPUTED, {"payments": list(payment_ids)})
        return int(cursor.rowcount)


@retry_transaction
def follow_disputes() -> int:
    """Find what disputes waited for: their charges, and movements that came by themselves.

    Returns how many payments changed.
    """
    with database.cursor() as cursor:
        cursor.execute(_LINK)
        payment_ids = {row[0] for row in cursor.fetchall() if row[0] is not None}
        cursor.execute(_BEHIND)
        payment_ids |= {row[0] for row in cursor.fetchall()}
    return update_disputed_amounts(payment_ids=sorted(payment_ids))


def _find_charge(statement: DisputeStatement, connection: Connection) -> ExternalTransaction | None:
    return ExternalTransaction.objects.filter(
        connection=connection,
        kind=TransactionKind.CHARGE,
        external_id=statement.charge_external_id,
    ).first()


def _keep(
    statement: DisputeStatement,
    connection: Connection,
    charge: ExternalTransaction | None,
    by: str,
) -> Dispute:
    values = _get_values(statement)
    links = _get_links(connection, charge)
    row, is_new = Dispute.objects.select_for_update(of=["self"]).get_or_create(
        connection=connection,
        external_id=statement.external_id,
        defaults={**values, **links, "state": statement.state.value},
    )
    if is_new:
        return row
    is_newer = statement.version > row.version
    known = {**links, **(values if is_newer else {})}
    changes = {name: value for name, value in known.items() if getattr(row, name) != value}
    if is_newer and row.state != statement.state.value:
        move(row, statement.state.value, by=by, **changes)
    elif changes:
        Dispute.objects.filter(pk=row.pk).update(**changes)
        for name, value in changes.items():
            setattr(row, name, value)
    return row


def _get_values(statement: DisputeStatement) -> dict[str, Any]:
    return {
        "charge_external_id": statement.charge_external_id,
        "reason": statement.reason[:100],
        "amount_minor": statement.amount.amount_minor,
        "currency": statement.amount.currency,
        "due_by": statement.due_by,
        "version": statement.version,
        "opened_at": statement.opened_at,
    }


def _get_links(connection: Connection, charge: ExternalTransaction | None) -> dict[str, Any]:
    """Whose it is, as far as that is known; on a barber's own account it always is."""
    owner_id = None if connection.is_platform else connection.owner_id
    if charge is None:
        return {"barber_id": owner_id} if owner_id else {}
    return {
        "charge_id": charge.pk,
        "payment_id": charge.payment_id,
        "barber_id": charge.barber_id or owner_id,
    }
