"""Writing movements down: an upsert by the object's name, and what is about what."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import connection as database
from pydantic_core import to_json

from processors.contract import Movement

from ...rules.movements import PARENT_KINDS
from ...states import TransactionKind
from .facts import MovementFact, Recorded, list_columns
from .links import Link

_SAID = """
SELECT * FROM json_to_recordset(%(rows)s) AS f(owner_id bigint, connection_id bigint, kind text,
  external_id text, group_id text, our_reference text, parent_external_id text, parent_id bigint,
  sale_id bigint, barber_id bigint, payment_id bigint, purpose text, state text,
  amount_minor bigint, tip_minor bigint, fee_minor bigint, currency text, base_minor bigint,
  commission_rate numeric, method text, digest text, version bigint, occurred_at timestamptz,
  local_day date, available_at timestamptz, raw jsonb)
"""

_WAITS = """
EXISTS (SELECT FROM payments_externaltransaction k WHERE k.connection_id = w.connection_id
  AND k.parent_external_id = w.external_id AND k.sale_id IS NULL AND k.parent_external_id <> '')
"""

# What is known already is left out before, as a refused update still locks and dirties its row.
# A final state does not go back, and a completed amount and its base never change silently.
_UPSERT = f"""
WITH said AS ({_SAID}), news AS (
  SELECT s.* FROM said s LEFT JOIN payments_externaltransaction t
    ON t.connection_id = s.connection_id AND t.kind = s.kind AND t.external_id = s.external_id
  WHERE t.id IS NULL OR (t.version <= s.version AND t.digest <> s.digest)
), written AS (
  INSERT INTO payments_externaltransaction AS t (
    owner_id, connection_id, kind, external_id, group_id, our_reference, parent_external_id,
    parent_id, sale_id, barber_id, payment_id, purpose, state, amount_minor, tip_minor, fee_minor,
    currency, base_minor, commission_rate, method, digest, version, occurred_at, local_day,
    available_at, recorded_at)
  SELECT owner_id, connection_id, kind, external_id, group_id, our_reference, parent_external_id,
    parent_id, sale_id, barber_id, payment_id, purpose, state, amount_minor, tip_minor, fee_minor,
    currency, base_minor, commission_rate, method, digest, version, occurred_at, local_day,
    available_at, %(now)s
  FROM news ORDER BY connection_id, kind, external_id
  ON CONFLICT (connection_id, kind, external_id) DO UPDATE SET
    state = EXCLUDED.state, fee_minor = coalesce(EXCLUDED.fee_minor, t.fee_minor),
    amount_minor = EXCLUDED.amount_minor, tip_minor = EXCLUDED.tip_minor,
    base_minor = CASE WHEN t.state = 'pending' THEN EXCLUDED.base_minor ELSE t.base_minor END,
    method = EXCLUDED.method, digest = EXCLUDED.digest,
    version = EXCLUDED.version, available_at = coalesce(EXCLUDED.available_at, t.available_at)
  WHERE t.version <= EXCLUDED.version AND t.digest <> EXCLUDED.digest
    AND (t.state = 'pending' OR (t.state, t.amount_minor, t.tip_minor, t.currency)
      = (EXCLUDED.state, EXCLUDED.amount_minor, EXCLUDED.tip_minor, EXCLUDED.currency))
  RETURNING t.*, t.xmax = 0 AS is_new
), kept AS (
  INSERT INTO payments_externalpayload (transaction_id, raw)
  SELECT w.id, n.raw FROM written w JOIN news n
    ON n.connection_id = w.connection_id AND n.kind = w.kind AND n.external_id = w.external_id
  ORDER BY w.id
  ON CONFLICT (transaction_id) DO UPDATE SET raw = EXCLUDED.raw
)
SELECT {list_columns("w", "c")}, w.is_new, {_WAITS}
FROM written w JOIN processors_connection c ON c.id = w.connection_id ORDER BY w.id
"""  # noqa: S608  the parts are constants

_PARENT_KIND = " ".join(f"WHEN '{kind}' THEN '{of}'" for kind, of in PARENT_KINDS.items())

# Its own day may have been unknown until now: that of the barber whose sale it is about.
_ADOPT = f"""
UPDATE payments_externaltransaction AS t SET parent_id = p.id,
  sale_id = CASE WHEN p.kind = 'charge' THEN p.id ELSE p.sale_id END,
  barber_id = p.barber_id, payment_id = p.payment_id, purpose = p.purpose,
  commission_rate = p.commission_rate,
  local_day = (t.occurred_at AT TIME ZONE coalesce(b.time_zone, 'UTC'))::date
FROM payments_externaltransaction p JOIN processors_connection c ON c.id = p.connection_id
LEFT JOIN accounts_barber b ON b.id = p.barber_id
WHERE {{which}}.id = ANY(%(ids)s) AND t.connection_id = p.connection_id
  AND t.parent_external_id = p.external_id AND t.parent_external_id <> '' AND t.sale_id IS NULL
  AND p.kind = CASE t.kind {_PARENT_KIND} END
  AND (t.parent_id IS NULL OR p.sale_id IS NOT NULL)
RETURNING {list_columns("t", "c")}
"""  # noqa: S608  the parts are constants

_ADOPT_CHILDREN = _ADOPT.format(which="t")
_ADOPT_BY_PARENTS = _ADOPT.format(which="p")


def upsert(rows: Sequence[Mapping[str, Any]], *, now: datetime) -> list[Recorded]:
    """Write down what is new or newer, with the processor's words; those rows as they now are."""
    with database.cursor() as cursor:
        cursor.execute(_UPSERT, {"rows": to_json(rows).decode(), "now": now})
        return [Recorded(*columns) for columns in cursor.fetchall()]


def adopt(*, waiting: Sequence[int], awaited: Sequence[int]) -> list[Recorded]:
    """Give their place to movements that were recorded before, or with, what they are about.

    `waiting` are such movements, `awaited` what others may wait for. Returns the rows that found
    their place, as they now are; what waited for one of them comes with it.
    """
    adopted = _adopt(_ADOPT_CHILDREN, waiting)
    parents = [*awaited, *_list_parents(adopted)]
    while parents:
        children = _adopt(_ADOPT_BY_PARENTS, parents)
        adopted += children
        parents = _list_parents(children)
    return adopted


def _adopt(statement: str, ids: Sequence[int]) -> list[Recorded]:
    if not ids:
        return []
    with database.cursor() as cursor:
        cursor.execute(statement, {"ids": list(ids)})
        return [Recorded(*columns) for columns in cursor.fetchall()]


def _list_parents(rows: Sequence[Recorded]) -> list[int]:
    """Of what is about a movement, only a refund has others about it."""
    return [row.id for row in rows if row.kind == TransactionKind.REFUND]


def to_row(fact: MovementFact, link: Link) -> dict[str, Any]:
    """What is stored of a fact; the digest covers what the processor states."""
    movement = fact.movement
    said = {
        "owner_id": fact.connection.owner_id,
        "connection_id": fact.connection.pk,
        "kind": str(movement.kind),
        "external_id": movement.external_id,
        "group_id": movement.group_id,
        "our_reference": movement.our_reference,
        "state": str(movement.state),
        "amount_minor": movement.amount.amount_minor,
        "tip_minor": movement.tip.amount_minor,
        "fee_minor": get_fee_minor(movement),
        "currency": movement.amount.currency,
        "method": str(movement.method),
        "occurred_at": movement.occurred_at.isoformat(),
        "available_at": movement.available_at and movement.available_at.isoformat(),
    }
    if movement.parent_external_id:
        said["parent_external_id"] = movement.parent_external_id
    return {
        **said,
        "parent_external_id": movement.parent_external_id,
        "digest": _digest(said),
        "version": movement.version,
        "raw": dict(movement.raw),
        **_to_columns(link),
        "local_day": movement.occurred_at.astimezone(link.zone).date().isoformat(),
    }


def _digest(said: Mapping[str, Any]) -> str:
    return hashlib.sha256("\x1f".join(map(str, said.values())).encode()).hexdigest()


def _to_columns(link: Link) -> dict[str, Any]:
    return {
        "parent_id": link.parent_id,
        "sale_id": link.sale_id,
        "barber_id": link.barber_id,
        "payment_id": link.payment_id,
        "purpose": str(link.purpose),
        "base_minor": link.base_minor,
        "commission_rate": str(link.rate),
    }


def get_fee_minor(movement: Movement) -> int | None:
    """A fee in another currency (that of settlement) is not a figure of this row."""
    if movement.fee is None or movement.fee.currency != movement.amount.currency:
        return None
    return movement.fee.amount_minor
