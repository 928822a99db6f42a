"""Movements written by hand: COPY and merge, alone and with the books; Django's bulk_create."""

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


# Of each sale that bears commission and has no accrual: one, booked by two entries.
_BOOK = f"""
WITH accrued AS (
  INSERT INTO payments_accrual (environment, barber_id, kind, sale_id, revision, base_minor, rate,
    commission_minor, kept_minor, amount_minor, currency, occurred_at, created_at)
  SELECT 'sandbox', t.barber_id, 'commission', t.id, 1, t.base_minor, t.commission_rate, due.minor,
    0, due.minor, t.currency, t.occurred_at, now()
  FROM listed l JOIN payments_externaltransaction t USING ({", ".join(_KEY)})
  CROSS JOIN LATERAL (SELECT round(t.base_minor * t.commission_rate / 100)::bigint AS minor) due
  WHERE due.minor <> 0 AND NOT EXISTS (SELECT FROM payments_accrual a WHERE a.sale_id = t.id)
  ORDER BY t.id
  RETURNING id, barber_id, amount_minor, currency, occurred_at
), booked AS (
  INSERT INTO payments_ledgertransaction
    (kind, source_type, source_id, revision, occurred_at, booked_at, by)
  SELECT 'accrual', 'accrual', id, 1, occurred_at, now(), 'job:floor' FROM accrued ORDER BY id
  RETURNING id, source_id
)
INSERT INTO payments_ledgerentry (transaction_id, account_id, barber_id, amount_minor, currency)
SELECT b.id, a.id, a.barber_id,
  CASE a.code WHEN 'receivable' THEN c.amount_minor ELSE -c.amount_minor END, c.currency
FROM booked b JOIN accrued c ON c.id = b.source_id
JOIN payments_ledgeraccount a ON a.environment = 'sandbox' AND a.connection_id = 0
  AND a.currency = c.currency AND (a.code, a.barber_id)
    IN (('receivable', c.barber_id), ('commission', 0))
"""  # noqa: S608  the parts are constants

_COPY = f"""
COPY listed ({_NAMES}, raw) FROM STDIN
WITH (FORMAT csv, FORCE_NOT_NULL (our_reference, parent_external_id))
"""


def prepare() -> None:
    """Make the table that COPY fills, once in a session."""
    with connection.cursor() as cursor:
        cursor.execute(_CREATE)


def copy_and_merge(rows: Sequence[dict[str, Any]]) -> None:
    """The whole batch as text into the table, from there in one statement."""
    with transaction.atomic():
        _copy_and_merge(rows)


def copy_and_book(rows: Sequence[dict[str, Any]]) -> None:
    """As `copy_and_merge`, then commission and its postings in another statement."""
    with transaction.atomic():
        _copy_and_merge(rows)
        with connection.cursor() as cursor:
            cursor.execute(_BOOK)


def _copy_and_merge(rows: Sequence[dict[str, Any]]) -> None:
    text = StringIO()
    writer = csv.writer(text)
    for row in rows:
        writer.writerow([*(row[name] for name in COLUMNS), json.dumps(row["raw"])])
    text.seek(0)
    with connection.cursor() as cursor:
        cursor.copy_expert(_COPY, text)
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
