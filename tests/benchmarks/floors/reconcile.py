"""The bare full join of both sides, and the count of what differs in it."""

from django.conf import settings
from django.db import connection, transaction

_JOIN = """
SELECT count(*) FILTER (WHERE s.external_id IS NULL), count(*) FILTER (WHERE t.id IS NULL),
  count(*) FILTER (WHERE (t.state, t.amount_minor, t.currency, t.fee_minor)
    <> (s.state, s.amount_minor, s.currency, s.fee_minor))
FROM (SELECT * FROM payments_externaltransaction WHERE connection_id = %(connection)s) t
FULL JOIN (SELECT * FROM payments_listedmovement WHERE run_id = %(run)s) s
  ON s.kind = t.kind AND s.external_id = t.external_id
"""


def join(*, connection_id: int, run_id: int) -> tuple[int, int, int]:
    """Missing there, missing here, differing; with as much memory as ours has."""
    memory = f"{settings.RECONCILIATION_MEMORY_MB}MB"
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT set_config('work_mem', %s, true)", [memory])
        cursor.execute(_JOIN, {"connection": connection_id, "run": run_id})
        missing_there, missing_here, differing = cursor.fetchone()
        return missing_there, missing_here, differing
