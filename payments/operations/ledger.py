"""The one door into the books."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import connection

from ..rules.postings import Posting

_WANTED = """
WITH wanted AS (
  SELECT * FROM jsonb_to_recordset(%(entries)s) AS w(
    kind text, source_type text, source_id bigint, revision int, occurred_at timestamptz,
    place int, environment text, code text, barber_id bigint, connection_id bigint,
    currency text, amount_minor bigint)
)
"""

# Nothing is booked unless every account is there: one statement in the usual case.
_POST = f"""{_WANTED}
, known AS (
  SELECT w.*, a.id AS account_id FROM wanted w LEFT JOIN payments_ledgeraccount a
    ON a.environment = w.environment AND a.code = w.code AND a.barber_id = w.barber_id
    AND a.connection_id = w.connection_id AND a.currency = w.currency
), all_known AS (
  SELECT bool_and(account_id IS NOT NULL) AS yes FROM known
), booked AS (
  INSERT INTO payments_ledgertransaction
    (kind, source_type, source_id, revision, occurred_at, booked_at, by)
  SELECT kind, source_type, source_id, revision, min(occurred_at), %(now)s, %(by)s
    FROM wanted WHERE (SELECT yes FROM all_known)
    GROUP BY source_type, source_id, kind, revision
    ORDER BY source_type, source_id, kind, revision
  ON CONFLICT (source_type, source_id, kind, revision) DO NOTHING
  RETURNING id, source_type, source_id, kind, revision
), entered AS (
  INSERT INTO payments_ledgerentry (transaction_id, account_id, barber_id, amount_minor, currency)
  SELECT b.id, k.account_id, k.barber_id, k.amount_minor, k.currency
    FROM booked b JOIN known k ON k.source_type = b.source_type AND k.source_id = b.source_id
      AND k.kind = b.kind AND k.revision = b.revision
    ORDER BY k.place
)
SELECT (SELECT yes FROM all_known), (SELECT count(*) FROM booked)
"""  # noqa: S608  the parts are constants

_OPEN_ACCOUNTS = f"""{_WANTED}
INSERT INTO payments_ledgeraccount (environment, code, barber_id, connection_id, currency)
SELECT DISTINCT environment, code, barber_id, connection_id, currency FROM wanted
ORDER BY environment, code, barber_id, connection_id, currency
ON CONFLICT (environment, code, barber_id, connection_id, currency) DO NOTHING
"""  # noqa: S608  the parts are constants


def post(postings: Sequence[Posting], *, by: str, now: datetime) -> int:
    """Book postings in one statement; a fact that is booked already is left alone.

    Returns how many were new. Missing accounts are opened. Call it inside the transaction that
    records the facts.

    :raises IntegrityError: entries of a posting do not sum to zero; the database refuses them.
    """
    facts = {posting.fact: posting for posting in postings}
    entries = [row for posting in facts.values() for row in _to_rows(posting)]
    if not entries:
        return 0
    for place, row in enumerate(entries):
        # Entries stand in the books as the posting table lists them.
        row["place"] = place
    values: dict[str, Any] = {"entries": json.dumps(entries), "by": by, "now": now}
    with connection.cursor() as cursor:
        all_known, booked = _execute(cursor, values)
        if not all_known:
            cursor.execute(_OPEN_ACCOUNTS, values)
            _, booked = _execute(cursor, values)
    return booked


def _execute(cursor: Any, values: dict[str, Any]) -> tuple[bool, int]:
    cursor.execute(_POST, values)
    all_known, booked = cursor.fetchone()
    return all_known, booked


def _to_rows(posting: Posting) -> list[dict[str, Any]]:
    return [
        {
            "kind": posting.kind,
            "source_type": posting.source_type,
            "source_id": posting.source_id,
            "revision": posting.revision,
            "occurred_at": posting.occurred_at.isoformat(),
            "environment": posting.environment,
            "code": entry.code,
            "barber_id": entry.barber_id,
            "connection_id": entry.connection_id,
            "currency": entry.amount.currency,
            "amount_minor": entry.amount.amount_minor,
        }
        for entry in posting.entries
    ]
