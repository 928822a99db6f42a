"""Terminal sales and the appointments that they were for."""

from datetime import timedelta

import pytest

from payments.models import VisitMatch
from payments.operations.visit_matches import match_visits
from tests import factories
from tests.payments.books import BY, NOON, charge, record, usd

pytestmark = pytest.mark.django_db


@pytest.fixture
def square():
    return factories.create_connection(factories.create_barber())


def book(square, **fields):
    return factories.create_appointment(square.owner, **({"starts_at": NOON} | fields))


def match(square):
    since, until = NOON - timedelta(days=1), NOON + timedelta(days=1)
    match_visits(connection=square, since=since, until=until, by=BY, now=NOON)
    rows = VisitMatch.objects.order_by("pk")
    return [(row.transaction_id, row.appointment_id, row.rule) for row in rows]


def test_amount_without_tip_barber_and_time_say_which(square):
    appointment = book(square)
    book(square, price_minor=50_00)
    book(square, starts_at=NOON - timedelta(days=1))
    factories.create_appointment(starts_at=NOON)
    [sale] = record(square, charge(amount=usd(80_00), tip=usd(5_00)))

    assert match(square) == [(sale, appointment.pk, "amount_and_time")]
    assert match(square) == [(sale, appointment.pk, "amount_and_time")]


def test_what_is_ambiguous_is_left_alone(square):
    book(square)
    record(square, charge(), charge())

    assert match(square) == []


def test_a_reference_decides_between_equal_ones(square):
    appointment = book(square)
    book(square, starts_at=NOON - timedelta(minutes=30))
    [sale] = record(square, charge(our_reference=f"appointment:{appointment.pk}"))

    assert match(square) == [(sale, appointment.pk, "reference")]


def test_an_appointment_that_was_canceled_is_none(square):
    book(square, status="canceled")
    record(square, charge())

    assert match(square) == []
