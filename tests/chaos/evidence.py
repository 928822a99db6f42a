"""Everything the verdict rests on: plain SQL and the simulator's doors. No code of the product."""

from dataclasses import dataclass
from typing import Any

import psycopg2
import psycopg2.extras

from tests.chaos.world import World

Row = dict[str, Any]

_OPEN = "('submitted', 'unknown', 'requires_action', 'authorized')"

_QUERIES = {
    "connections": """
        SELECT id, owner_id, processor, account_id, state FROM processors_connection
    """,
    "payments": """
        SELECT id, public_id, barber_id, appointment_id, visit_part, amount_minor, tip_minor,
          currency, state, metadata->>'planned' AS planned, sealed_tokens IS NOT NULL AS has_tokens
        FROM payments_payment
    """,
    "legs": """
        SELECT id, public_id, payment_id, connection_id, role, amount_minor, currency, state,
          external_id, created_at, failure_kind FROM payments_paymentleg
    """,
    "movements": """
        SELECT id, connection_id, kind, external_id, our_reference, barber_id, payment_id, purpose,
          state, amount_minor, fee_minor, currency FROM payments_externaltransaction
    """,
    "discrepancies": """
        SELECT d.kind, d.state, l.public_id AS reference, m.our_reference, m.external_id
        FROM payments_discrepancy d LEFT JOIN payments_paymentleg l ON l.id = d.leg_id
          LEFT JOIN payments_externaltransaction m ON m.id = d.transaction_id
    """,
    "entries": """
        SELECT e.transaction_id, e.amount_minor, e.currency, a.code, a.barber_id, a.connection_id
        FROM payments_ledgerentry e JOIN payments_ledgeraccount a ON a.id = e.account_id
    """,
    "accruals": "SELECT sale_id, barber_id, amount_minor, currency FROM payments_accrual",
    "moves": "SELECT id, subject, before, after FROM foundation_statechange",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """Rows as they are. `journal`, `requests`, `hits` are the processors' side."""

    connections: list[Row]
    payments: list[Row]
    legs: list[Row]
    movements: list[Row]
    discrepancies: list[Row]
    entries: list[Row]
    accruals: list[Row]
    moves: list[Row]
    journal: list[Row]
    requests: list[Row]
    hits: list[Row]


def gather(world: World) -> Evidence:
    simulator = world.simulator
    return Evidence(
        **query_all(world),
        journal=[row for row in simulator.list_movements() if row["kind"] == "charge"],
        requests=simulator.list_requests(),
        hits=simulator.list_hits(),
    )


def query_all(world: World) -> dict[str, list[Row]]:
    """One snapshot."""
    with _connect(world) as connection, connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        found: dict[str, list[Row]] = {}
        for name, statement in _QUERIES.items():
            cursor.execute(f"{statement} ORDER BY 1")
            found[name] = [dict(row) for row in cursor.fetchall()]
    connection.close()
    return found


def list_open_legs(world: World) -> list[Row]:
    """Legs whose outcome is open and that nobody was asked to look at."""
    statement = f"""
        SELECT l.public_id, l.state, l.external_id, p.public_id AS payment,
          p.metadata->>'planned' AS planned
        FROM payments_paymentleg l JOIN payments_payment p ON p.id = l.payment_id
        WHERE l.state IN {_OPEN} AND NOT EXISTS (
          SELECT 1 FROM payments_discrepancy d WHERE d.leg_id = l.id AND d.state = 'open')
        ORDER BY l.id
    """  # noqa: S608  our own words
    with _connect(world) as connection, connection.cursor() as cursor:
        cursor.execute(statement)
        found = [dict(row) for row in cursor.fetchall()]
    connection.close()
    return found


def _connect(world: World) -> Any:
    folder, _, name = world.environment["DATABASE_URL"].removeprefix("postgres://").rpartition("/")
    user, _, host = folder.partition("@/")
    return psycopg2.connect(
        host=host,
        user=user,
        dbname=name,
        connect_timeout=10,
        cursor_factory=psycopg2.extras.RealDictCursor,
    )
