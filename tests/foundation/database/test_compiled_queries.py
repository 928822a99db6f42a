"""A query that is put together once reads what Django reads."""

import pytest
from django.forms.models import model_to_dict

from bookedbarber.accounts.models import User
from bookedbarber.accounts.roles import Role
from bookedbarber.foundation.database import CompiledQuery
from payments.models import PaymentLeg
from tests import factories
from tests.payments.books import create_leg

pytestmark = pytest.mark.django_db


def read_all(row):
    return {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}


def test_rows_and_what_belongs_to_them_come_as_django_reads_them(django_assert_num_queries):
    legs = CompiledQuery(
        lambda: PaymentLeg.objects.select_related("payment__barber", "connection").filter(pk=0)
    )
    platform = factories.create_platform_connection()
    first, second = (create_leg(platform, factories.create_barber()) for _ in range(2))

    for leg in (first, second, first):
        with django_assert_num_queries(1):
            [found] = legs.fetch(leg.pk)
            related = [found.payment, found.payment.barber, found.connection]

        expected = PaymentLeg.objects.get(pk=leg.pk)
        assert read_all(found) == read_all(expected)
        assert [read_all(row) for row in related] == [
            read_all(row)
            for row in (expected.payment, expected.payment.barber, expected.connection)
        ]


def test_what_is_not_there_is_none():
    people = CompiledQuery(lambda: User.objects.select_related("barber").filter(public_id=""))
    admin = factories.create_user(Role.ADMIN)

    [found] = people.fetch(admin.public_id)

    assert not hasattr(found, "barber")
    assert model_to_dict(found) == model_to_dict(admin)
    assert people.fetch("nobody") == []


def test_what_was_read_is_updated_when_it_is_saved():
    people = CompiledQuery(lambda: User.objects.filter(public_id=""))
    admin = factories.create_user(Role.ADMIN)
    [found] = people.fetch(admin.public_id)

    found.is_active = False
    found.save()

    assert list(User.objects.values_list("pk", "is_active")) == [(admin.pk, False)]
