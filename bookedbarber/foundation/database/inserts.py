"""Inserting a row on a busy path, with a statement that is put together once for its model."""

from functools import cache
from typing import Any

from django.db import connection, models


def insert(row: models.Model) -> None:
    """As `row.save(force_insert=True)`, where the rows that it refers to are saved already.

    For models of one table, without database defaults; no signal is sent.
    """
    values = [
        field.get_db_prep_save(field.pre_save(row, True), connection)
        for field in _get_fields(type(row))
    ]
    with connection.cursor() as cursor:
        cursor.execute(_get_statement(type(row)), values)
        row.pk = cursor.fetchone()[0]
    row._state.adding, row._state.db = False, connection.alias


@cache
def _get_fields(model: type[models.Model]) -> list[Any]:
    """All but the key, which the database gives."""
    return [field for field in model._meta.concrete_fields if not field.primary_key]


@cache
def _get_statement(model: type[models.Model]) -> str:
    names = [field.column for field in _get_fields(model)]
    places = ", ".join(["%s"] * len(names))
    return (
        f"INSERT INTO {model._meta.db_table} ({', '.join(names)}) "  # noqa: S608  names of ours
        f"VALUES ({places}) RETURNING {model._meta.pk.column}"
    )
