"""What happened stays as it was written, whoever tries."""

from collections.abc import Callable

import pytest
from django.db import InternalError, connection, transaction
from psycopg2 import sql

from bookedbarber.foundation.audit import record_audit
from bookedbarber.foundation.models import AuditEntry, StateChange
from bookedbarber.foundation.transitions import move
from processors.states import ConnectionState
from tests import factories

Write = Callable[[], AuditEntry | StateChange]

pytestmark = pytest.mark.django_db


def write_audit_entry() -> AuditEntry:
    return record_audit(subject="barber:1", action="config.changed", by="usr_1", after={"a": 1})


def write_state_change() -> StateChange:
    move(factories.create_connection(factories.create_barber()), ConnectionState.ERROR, by="usr_1")
    return StateChange.objects.get()


@pytest.mark.parametrize("write", [write_audit_entry, write_state_change])
def test_a_fact_can_be_neither_changed_nor_deleted(
    write: Callable[[], AuditEntry | StateChange],
) -> None:
    row = write()
    rows = type(row)._default_manager.filter(pk=row.pk)
    table = sql.Identifier(row._meta.db_table)

    for act in (
        row.save,
        lambda: rows.update(by="usr_2"),
        row.delete,
        rows.delete,
        lambda: run(sql.SQL("UPDATE {} SET by = 'usr_2'").format(table)),
        lambda: run(sql.SQL("DELETE FROM {}").format(table)),
    ):
        with pytest.raises(InternalError, match="Cannot update or delete"), transaction.atomic():
            act()

    assert rows.get().by == "usr_1"


def test_an_audit_entry_holds_who_did_what_before_and_after() -> None:
    entry = record_audit(
        subject="barber:1",
        action="config.changed",
        by="usr_1",
        reason="asked for it",
        before={"mode": "centralized"},
        after={"mode": "hybrid"},
    )

    entry.refresh_from_db()
    assert (entry.subject, entry.action, entry.by) == ("barber:1", "config.changed", "usr_1")
    assert (entry.before, entry.after) == ({"mode": "centralized"}, {"mode": "hybrid"})
    assert entry.reason == "asked for it"


def run(statement: sql.Composed) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)
