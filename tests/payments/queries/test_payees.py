"""Who is to be paid, as far as the person asking may know."""

import pytest

from bookedbarber.accounts.roles import Role
from payments.errors import UnknownAppointment, UnknownBarber
from payments.queries.payees import (
    PayeeContradicts,
    PayeeMissing,
    get_barber_with_options,
    get_payee,
)
from tests import factories

pytestmark = pytest.mark.django_db


def find(user, appointment=None, barber=None):
    return get_payee(
        user,
        appointment_id=appointment and appointment.pk,
        barber_id=barber and barber.pk,
    )


@pytest.fixture
def appointment(db):
    barber = factories.create_barber(shop=factories.create_shop())
    payer = factories.create_user(Role.CLIENT)
    return factories.create_appointment(client=factories.create_client(barber, user=payer))


def test_the_appointments_barber_for_everybody_concerned(appointment):
    barber = appointment.barber
    people = [
        barber.user,
        barber.shop.owner,
        appointment.client.user,
        factories.create_user(Role.ADMIN),
    ]

    assert {find(person, appointment).barber for person in people} == {barber}
    assert find(barber.user, appointment, barber).appointment == appointment


def test_the_appointment_is_unknown_to_others(appointment):
    others = [
        factories.create_barber().user,
        factories.create_shop().owner,
        factories.create_user(Role.CLIENT),
        factories.create_user(Role.ADMIN, is_staff=False),
    ]

    for person in others:
        with pytest.raises(UnknownAppointment):
            find(person, appointment)


def test_a_barber_who_says_nothing_is_paid_himself(appointment):
    assert find(appointment.barber.user).barber == appointment.barber


def test_a_barber_named_must_be_visible(appointment):
    barber = appointment.barber

    assert find(barber.shop.owner, barber=barber).barber == barber
    for person in (factories.create_barber().user, appointment.client.user):
        with pytest.raises(UnknownBarber) as raised:
            find(person, barber=barber)
        assert raised.value.details == {"barber_id": barber.pk}


def test_a_barber_who_is_not_the_appointments_is_a_contradiction(appointment):
    with pytest.raises(PayeeContradicts):
        find(factories.create_user(Role.ADMIN), appointment, factories.create_barber())


@pytest.mark.parametrize("role", [Role.CLIENT, Role.SHOP_OWNER, Role.ADMIN])
def test_somebody_who_is_no_barber_must_name_one(role):
    with pytest.raises(PayeeMissing):
        find(factories.create_user(role))


def test_it_takes_one_statement(appointment, django_assert_num_queries):
    user = factories.create_user(Role.ADMIN)

    with django_assert_num_queries(1):
        payee = find(user, appointment)
        assert payee.barber.name


def test_a_client_reads_the_options_of_his_own_barbers_only(appointment):
    client = appointment.client.user
    factories.create_client(appointment.barber, user=client)  # known twice, found once

    assert get_barber_with_options(client, appointment.barber.pk) == appointment.barber
    with pytest.raises(UnknownBarber):
        get_barber_with_options(client, factories.create_barber().pk)
    with pytest.raises(UnknownBarber):
        get_barber_with_options(factories.create_user(Role.CLIENT), appointment.barber.pk)
