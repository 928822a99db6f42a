"""Who somebody is. Every API request begins with this, so its statement is built once."""

from functools import cache
from typing import Any

from django.db import connection, models

from ..models import Barber, User


def find_person(public_id: str) -> User | None:
    """The person with his barber, where he is one; one statement."""
    with connection.cursor() as cursor:
        cursor.execute(_get_statement(), [public_id])
        row = cursor.fetchone()
    if row is None:
        return None
    names = _get_columns(User)
    person: User = _build(User, row[: len(names)])
    barber = _build_barber(row[len(names) :], person)
    User._meta.get_field("barber").set_cached_value(person, barber)
    return person


@cache
def _get_statement() -> str:
    people = User.objects.select_related("barber").filter(public_id="")
    statement, _ = people.query.sql_with_params()
    return statement


@cache
def _get_columns(model: type[models.Model]) -> list[str]:
    return [field.attname for field in model._meta.concrete_fields]


def _build(model: Any, values: Any) -> Any:
    return model.from_db(connection.alias, _get_columns(model), values)


def _build_barber(values: tuple[Any, ...], person: User) -> Barber | None:
    if values[0] is None:
        return None
    barber: Barber = _build(Barber, values)
    Barber._meta.get_field("user").set_cached_value(barber, person)
    return barber
