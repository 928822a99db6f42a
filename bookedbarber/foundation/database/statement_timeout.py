"""A time limit for the statements of a block."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.db import OperationalError, connection, transaction
from psycopg2.errors import QueryCanceled


@contextmanager
def statement_timeout(seconds: float | None = None) -> Iterator[None]:
    """Limit each statement of the block; the block is one transaction.

    The setting is the transaction's own, so the connection's next user does not inherit it, and
    a block around this one gets its own limit back.

    :raises TimeoutError: a statement ran out of time; the transaction is rolled back.
    """
    limit = settings.STATEMENT_TIMEOUT_SECONDS if seconds is None else seconds
    try:
        with transaction.atomic():
            before = _replace_limit(_ms(limit))
            yield
            # An outer transaction keeps what a released savepoint has set.
            _replace_limit(before)
    except OperationalError as error:
        if isinstance(error.__cause__, QueryCanceled):
            raise TimeoutError(f"A database statement took longer than {limit:g} s") from error
        raise


def _replace_limit(text: str) -> str:
    """Set the limit until the transaction ends; returns the one before."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('statement_timeout')")
        before: str = cursor.fetchone()[0]
        cursor.execute("SELECT set_config('statement_timeout', %s, true)", [text])
    return before


def _ms(seconds: float) -> str:
    # Zero would mean no limit.
    return f"{max(1, int(seconds * 1000))}ms"
