"""Everything the verdict rests on: plain SQL and the simulator's doors. No code of the product."""

from dataclasses import dataclass
from typing import Any

import psycopg2
import psycopg2.extras

from tests.chaos.barbers import BARBERS, PLATFORM_ACCOUNT, PLATFORM_SECRET
from tests.chaos.world import World

Row = dict[str, Any]

_OPEN = "('submitted', 'unknown', 'requires_action', 'authorized')"

_UNREPORTED = """NOT EXISTS (
  SELECT 1 FROM payments_discrepancy d WHERE d.leg_id = l.id AND d.state = 'open')"""

# Held, while a person finds out about the other part of its sale.
_WAITS = """(l.state = 'authorized' AND EXISTS (
  SELECT 1 FROM payments_discrepancy d JOIN payments_paymentleg o ON o.id = d.leg_id
  WHERE o.payment_id = l.payment_id AND o.state = 'unknown' AND d.state = 'open'))"""

_QUERIES = {
    "connections": """
        SELECT id, owner_id, processor, account_id, state FROM processors_connection
    """,
    "payments": """
        SELECT id, public_id, barber_id, appointment_id, visit_part, amount_minor, tip_minor,
          currency, state, decision, refunded_minor, reserved_refund_minor,
          metadata->>'planned' AS planned
        FROM payments_payment
    """,
    "refunds": """
        SELECT r.id, r.public_id, r.request_id, r.payment_id, l.public_id AS leg, r.amount_minor,
          r.currency, r.state, r.external_id, r.is_compensation, r.is_foreign, r.failure_kind
        FROM payments_refund r JOIN payments_paymentleg l ON l.id = r.leg_id
    """,
    "events": """
        SELECT id, connection_id, event_id, type, state, explanation, waits_for,
          received_at - occurred_at AS delay
        FROM processors_webhookevent
    """,
    "syncs": "SELECT id, connection_id, requested_by, outcome, error FROM payments_syncrun",
    "legs": """
        SELECT id, public_id, payment_id, connection_id, role, amount_minor, currency, state,
          external_id, created_at, failure_kind, failure_code FROM payments_paymentleg
    """,
    "movements": """
        SELECT id, connection_id, kind, external_id, our_reference, barber_id, payment_id, purpose,
          state, amount_minor, tip_minor, fee_minor, currency FROM payments_externaltransaction
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
    "accruals": """
        SELECT a.sale_id, a.barber_id, a.commission_minor, a.kept_minor, a.amount_minor, a.currency,
          m.our_reference AS reference
        FROM payments_accrual a LEFT JOIN payments_externaltransaction m ON m.id = a.sale_id
    """,
    "moves": "SELECT id, subject, before, after, at FROM foundation_statechange",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """Rows as they are. From `journal` on it is the processors' side.

    `journal` is what moved, `listed` what their own lists show of payments, `deliveries` what
    became of the events that they sent.
    """

    connections: list[Row]
    payments: list[Row]
    refunds: list[Row]
    events: list[Row]
    syncs: list[Row]
    legs: list[Row]
    movements: list[Row]
    discrepancies: list[Row]
    entries: list[Row]
    accruals: list[Row]
    moves: list[Row]
    journal: list[Row]
    requests: list[Row]
    hits: list[Row]
    listed: list[Row]
    listed_refunds: list[Row]
    deliveries: list[Row]


def gather(world: World) -> Evidence:
    simulator = world.simulator
    return Evidence(
        **query_all(world),
        journal=simulator.list_movements(),
        requests=simulator.list_requests(),
        hits=simulator.list_hits(),
        listed=[row for account in _list_accounts() for row in _list_payments(world, *account)],
        listed_refunds=[
            row for account in _list_accounts() for row in _list_refunds(world, *account)
        ],
        deliveries=simulator.list_deliveries(),
    )


def _list_accounts() -> list[tuple[str, str, str]]:
    """Processor, account and secret of each."""
    own = [
        (processor, spec.get_account_id(processor), spec.get_secret(processor))
        for spec in BARBERS
        for processor in spec.processors
    ]
    return [("stripe", PLATFORM_ACCOUNT, PLATFORM_SECRET), *own]


def _list_payments(world: World, processor: str, account_id: str, secret: str) -> list[Row]:
    if processor == "stripe":
        rows = world.simulator.list_at_stripe("payment_intents", secret)
        references = [row["metadata"].get("reference") for row in rows]
    else:
        rows = world.simulator.list_at_square("payments", secret)
        references = [row.get("reference_id") for row in rows]
    return [
        {"processor": processor, "account_id": account_id, "id": row["id"],
         "status": row["status"], "reference": reference or ""}
        for row, reference in zip(rows, references, strict=True)
    ]  # fmt: skip


def _list_refunds(world: World, processor: str, account_id: str, secret: str) -> list[Row]:
    """With our reference, "" for those made without us; Square keeps it at the reason's end."""
    if processor == "stripe":
        rows = world.simulator.list_at_stripe("refunds", secret)
        references = [row["metadata"].get("reference") for row in rows]
    else:
        rows = world.simulator.list_at_square("refunds", secret)
        references = [row.get("reason", "").rpartition("[")[2].rstrip("]") for row in rows]
    return [
        {"account_id": account_id, "id": row["id"], "status": row["status"].lower(),
         "reference": reference or ""}
        for row, reference in zip(rows, references, strict=True)
    ]  # fmt: skip


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
    """Legs and refunds whose outcome is open and that nobody was asked to look at."""
    statement = f"""
        SELECT l.public_id, l.state, l.external_id, p.public_id AS payment,
          p.metadata->>'planned' AS planned
        FROM payments_paymentleg l JOIN payments_payment p ON p.id = l.payment_id
        WHERE l.state IN {_OPEN} AND {_UNREPORTED} AND NOT {_WAITS}
        UNION ALL
        SELECT r.public_id, 'refund ' || r.state, '', p.public_id, p.metadata->>'planned'
        FROM payments_refund r JOIN payments_payment p ON p.id = r.payment_id
          JOIN payments_paymentleg l ON l.id = r.leg_id
        WHERE r.state IN ('submitted', 'unknown', 'pending') AND {_UNREPORTED}
        ORDER BY 1
    """  # noqa: S608  our own words
    return _ask(world, statement)


def list_open_events(world: World) -> list[Row]:
    """Events that wait for a worker, for their next try, or for what they are about."""
    return _ask(
        world,
        """
        SELECT id, type, state FROM processors_webhookevent
        WHERE state IN ('received', 'retrying', 'parked') ORDER BY 1
        """,
    )


def has_sync_under_way(world: World) -> bool:
    """Whether `sync_transactions` reads an account at the moment."""
    return bool(
        _ask(
            world,
            """
            SELECT id FROM payments_syncrun
            WHERE requested_by = 'job:sync_transactions' AND started_at IS NOT NULL
              AND ended_at IS NULL AND started_at > now() - interval '1 minute'
            """,
        )
    )


def list_left_to_people(world: World) -> frozenset[str]:
    """Legs and refunds whose processor remembers an error of its own instead of an outcome."""
    requests = {row["sequence"]: row["key"] for row in world.simulator.list_requests()}
    hits = [row for row in world.simulator.list_hits() if row["kind"].startswith("stored_error")]
    return frozenset(requests[hit["request"]] or "" for hit in hits if hit["request"] in requests)


def _ask(world: World, statement: str) -> list[Row]:
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
