"""A pytest plugin: empties the database after a test that committed, in a few milliseconds.

Django's flush truncates every table and then makes content types and permissions anew, which
costs more than most tests. This deletes the rows of the tables that have any, and keeps what
`migrate` made. It needs a superuser of PostgreSQL, which the embedded one is; otherwise Django's
flush does it.
"""

from typing import Any

import pytest
from django.db import connection
from django.test import TransactionTestCase

# The locks wait for whoever still writes. As a replica no trigger fires: neither those that keep
# tables append-only nor those of foreign keys, so that the order of the tables is of no matter.
_DELETE_ROWS = """
DO $$
DECLARE
  names text[] := (
    SELECT array_agg(quote_ident(tablename)) FROM pg_tables WHERE schemaname = current_schema()
      AND tablename NOT IN ('django_migrations', 'django_content_type', 'auth_permission'));
  name text;
  has_rows boolean;
BEGIN
  SET LOCAL session_replication_role = replica;
  EXECUTE 'LOCK TABLE ' || array_to_string(names, ', ') || ' IN SHARE ROW EXCLUSIVE MODE';
  FOREACH name IN ARRAY names LOOP
    EXECUTE 'SELECT EXISTS (SELECT FROM ' || name || ')' INTO has_rows;
    IF has_rows THEN
      EXECUTE 'DELETE FROM ' || name;
    END IF;
  END LOOP;
END $$
"""

# The stubs leave its private hook out.
_test_case: Any = TransactionTestCase
_flush = _test_case._fixture_teardown


def _delete_rows(case: TransactionTestCase) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('is_superuser')")
        if cursor.fetchone() == ("on",):
            cursor.execute(_DELETE_ROWS)
            return
    _flush(case)


@pytest.fixture(scope="session", autouse=True)
def _quick_flush() -> None:
    _test_case._fixture_teardown = _delete_rows
