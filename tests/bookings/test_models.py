import pytest
from django.db import IntegrityError
from django.db.models import ProtectedError

from bookedbarber.accounts.models import User
from bookedbarber.accounts.roles import Role
from bookedbarber.bookings.models import Appointment, Client, Service
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("fields", "constraint"),
    [
        ({"price_minor": 0}, "appointment_price_is_positive"),
        ({"price_minor": -1}, "appointment_price_is_positive"),
        ({"status": "lost"}, "appointment_status_is_known"),
    ],
)
def test_the_database_refuses_nonsense(fields: dict, constraint: str) -> None:
    with pytest.raises(IntegrityError, match=constraint):
        factories.create_appointment(**fields)


def test_a_service_is_offered_once_and_costs_something() -> None:
    barber = factories.create_barber()
    service = {"barber": barber, "name": "Shave", "currency": "USD"}

    with pytest.raises(IntegrityError, match="service_"):
        Service.objects.bulk_create([Service(**service, price_minor=5) for _ in range(2)])


def test_everybody_sees_appointments_and_clients_of_his_own() -> None:
    enterprise = factories.create_enterprise()
    shop = factories.create_shop(enterprise=enterprise)
    ann, bob = factories.create_barber(shop=shop), factories.create_barber()
    payer = factories.create_user(Role.CLIENT)
    of_ann = factories.create_appointment(client=factories.create_client(ann, user=payer))
    of_bob = factories.create_appointment(bob)

    def list_visible(user: User) -> set[Appointment]:
        appointments = set(Appointment.objects.visible_to(user))
        assert set(Client.objects.visible_to(user)) == {row.client for row in appointments}
        return appointments

    assert list_visible(ann.user) == list_visible(payer) == {of_ann}
    assert list_visible(shop.owner) == list_visible(enterprise.owner) == {of_ann}
    assert list_visible(bob.user) == {of_bob}
    assert list_visible(factories.create_user(Role.ADMIN)) == {of_ann, of_bob}
    assert list_visible(factories.create_user(Role.ADMIN, is_staff=False)) == set()
    assert list_visible(factories.create_user(Role.CLIENT)) == set()


def test_who_has_appointments_cannot_be_deleted() -> None:
    appointment = factories.create_appointment()

    for row in (appointment.client, appointment.barber, appointment.barber.user):
        with pytest.raises(ProtectedError):
            row.delete()
