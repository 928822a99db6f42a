"""Inserting with a statement that is put together once does what Django does."""

import pytest
from django.db import IntegrityError, transaction

from bookedbarber.foundation.database import insert
from payments.models import PaymentLeg
from payments.operations.legs import build_whole_leg
from tests import factories
from tests.payments.books import NOON, create_leg

pytestmark = pytest.mark.django_db


@pytest.fixture
def leg(db):
    platform = factories.create_platform_connection()
    made = create_leg(platform, factories.create_barber())
    PaymentLeg.objects.filter(pk=made.pk).update(state="failed")
    return build_whole_leg(made.payment, connection_id=platform.pk, now=NOON)


def read_all(row):
    names = [field.attname for field in row._meta.concrete_fields]
    return {name: getattr(row, name) for name in names}


def test_the_row_is_there_as_it_was_built_and_knows_its_key(leg):
    insert(leg)

    assert read_all(PaymentLeg.objects.get(pk=leg.pk)) == read_all(leg)


def test_what_is_saved_afterwards_is_the_same_row(leg):
    insert(leg)

    leg.external_id = "pi_1"
    leg.save()

    assert PaymentLeg.objects.filter(public_id=leg.public_id).get().external_id == "pi_1"


def test_what_the_database_forbids_is_refused_as_django_refuses_it(leg):
    insert(leg)
    again = build_whole_leg(leg.payment, connection_id=leg.connection_id, now=NOON)

    with pytest.raises(IntegrityError, match="leg_one_live_per_role"), transaction.atomic():
        insert(again)

    assert again.pk is None
