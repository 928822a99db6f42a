"""Who waits for whom while movements are recorded: payments, accounts, then sales."""

from collections.abc import Collection

from django.db import connection as database

# The first half of our advisory locks' names; the second is the connection's id.
_LOCK_CLASS = 7401

_LOCK_PAYMENTS = """
SELECT id FROM payments_payment WHERE id = ANY(%(ids)s) ORDER BY id FOR NO KEY UPDATE
"""

_LOCK_SALES = """
SELECT id FROM payments_externaltransaction WHERE id = ANY(%(ids)s) ORDER BY id
FOR NO KEY UPDATE
"""

_SHARE_ACCOUNTS = """
SELECT pg_advisory_xact_lock_shared(%(class)s, id) FROM unnest(%(ids)s) AS id
"""

_HOLD_ACCOUNTS = """
SELECT pg_advisory_xact_lock(%(class)s, id) FROM unnest(%(ids)s) AS id
"""


def lock_payments(ids: Collection[int]) -> None:
    """Both parts of a split sale bear on its commission: one at a time."""
    if ids:
        _execute(_LOCK_PAYMENTS, ids)


def lock_sales(ids: Collection[int]) -> None:
    """A statement of its own, so that the next one sees what we waited for."""
    if ids:
        _execute(_LOCK_SALES, ids)


def share_accounts(ids: Collection[int]) -> None:
    """Whoever records a movement that others may be about."""
    if ids:
        _execute(_SHARE_ACCOUNTS, ids)


def hold_accounts(ids: Collection[int]) -> None:
    """Whoever records a movement before what it is about: neither must miss the other."""
    if ids:
        _execute(_HOLD_ACCOUNTS, ids)


def _execute(statement: str, ids: Collection[int]) -> None:
    with database.cursor() as cursor:
        cursor.execute(statement, {"ids": sorted(ids), "class": _LOCK_CLASS})
