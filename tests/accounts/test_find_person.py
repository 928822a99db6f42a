"""Who a token's bearer is: as the ORM would read it, in one statement."""

import pytest

from bookedbarber.accounts.models import User
from bookedbarber.accounts.queries.people import find_person
from bookedbarber.accounts.roles import Role
from tests import factories

pytestmark = pytest.mark.django_db


def get_values(row) -> dict[str, object]:
    return {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}


def test_a_barber_comes_with_all_that_is_stored(django_assert_num_queries):
    barber = factories.create_barber(shop=factories.create_shop())
    stored = User.objects.select_related("barber").get(pk=barber.user_id)

    with django_assert_num_queries(1):
        person = find_person(barber.user.public_id)
        found = person.barber

    assert get_values(person) == get_values(stored)
    assert get_values(found) == get_values(stored.barber)
    assert found.user is person


def test_who_is_no_barber_costs_no_second_statement(django_assert_num_queries):
    owner = factories.create_user(Role.SHOP_OWNER)

    with django_assert_num_queries(1):
        person = find_person(owner.public_id)
        assert person.barber_id_or_none is None

    assert person == owner


def test_what_was_read_can_be_saved_again():
    barber = factories.create_barber()

    person = find_person(barber.user.public_id)
    person.name = "Another name"
    person.save()

    assert User.objects.get(pk=person.pk).name == "Another name"


def test_nobody_has_an_unknown_id():
    factories.create_barber()

    assert find_person("usr_unknown") is None
