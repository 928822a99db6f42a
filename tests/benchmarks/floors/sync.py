"""Movements written by hand: COPY and merge, and Django's own bulk_create. No commission."""

import csv
import json
from collections.abc import Sequence
from io import StringIO
from typing import Any

from django.db import connection, transaction

from payments.models import ExternalPayload, ExternalTransaction

COLUMNS = (
    "owner_id",
    "connection_id",
    "kind",
    "external_id",
    "group_id",
    "our_reference",
    "parent_external_id",
    "barber_id",
    "purpose",
    "state",
    "amount_minor",
    "tip_minor",
    "fee_minor",
    "currency",
    "base_minor",
    "commission_rate",
    "method",
    "digest",
    "version",
    "occurred_at",
    "local_day",
    "recorded_at",
)
_NAMES = ", ".join(COLUMNS)
_CHANGED = ("state", "fee_minor", "method", "digest", "version")
_KEY = ("connection_id", "kind", "external_id")

_CREATE = """
CREATE TEMPORARY TABLE IF NOT EXISTS listed
  (LIKE payments_externaltransaction INCLUDING DEFAULTS, raw jsonb) ON COMMIT DELETE ROWS;
ALTER TABLE listed ALTER id DROP NOT NULL, ALTER id DROP IDENTITY IF EXISTS
"""

_MERGE = f"""
WITH written AS (
  INSERT INTO payments_externaltransaction AS t ({_NAMES})
  SELECT {_NAMES} FROM listed ORDER BY {", ".join(_KEY)}
  ON CONFLICT ({", ".join(_KEY)}) DO UPDATE
  SET {", ".join(f"{name} = EXCLUDED.{name}" for name in _CHANGED)}
  WHERE t.version <= EXCLUDED.version AND t.digest <> EXCLUDED.digest
  RETURNING t.id, t.connection_id, t.kind, t.external_id
)
INSERT INTO payments_externalpayload (transaction_id, raw)
SELECT w.id, l.raw FROM written w JOIN listed l USING ({", ".join(_KEY)})
ON CONFLICT (transaction_id) DO UPDATE SET raw = EXCLUDED.raw
"""  # noqa: S608  the parts are constants


def prepare() -> None:
    """Make the table that COPY fills, once in a session."""
    with connection.cursor() as cursor:
        cursor.execute(_CREATE)


def copy_and_merge(rows: Sequence[dict[str, Any]]) -> None:
    """The whole batch as text into the table, from there in one statement."""
    text = StringIO()
    writer = csv.writer(text)
    for row in rows:
        writer.writerow([*(row[name] for name in COLUMNS), json.dumps(row["raw"])])
    text.seek(0)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.copy_expert(f"COPY listed ({_NAMES}, raw) FROM STDIN WITH (FORMAT csv)", text)
        cursor.execute(_MERGE)


def create_in_bulk(rows: Sequence[dict[str, Any]]) -> None:
    """What a Django programmer writes: two bulk_create with update_conflicts."""
    with transaction.atomic():
        written = ExternalTransaction.objects.bulk_create(
            [ExternalTransaction(**{name: row[name] for name in COLUMNS}) for row in rows],
            update_conflicts=True,
            unique_fields=list(_KEY),
            update_fields=list(_CHANGED),
        )
        ExternalPayload.objects.bulk_create(
            [
                ExternalPayload(transaction_id=one.pk, raw=row["raw"])
                for one, row in zip(written, rows, strict=True)
            ],
            update_conflicts=True,
            unique_fields=["transaction_id"],
            update_fields=["raw"],
        )
