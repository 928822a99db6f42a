from datetime import timedelta

import pytest
from django.utils import timezone

from bookedbarber.bookings.models import Appointment, AppointmentStatus
from bookedbarber.bookings.operations.appointments import (
    AppointmentClosed,
    PriceNotPositive,
    book_appointment,
    change_appointment,
)
from bookedbarber.foundation.models import AuditEntry
from bookedbarber.foundation.money import Money
from tests import factories

pytestmark = pytest.mark.django_db


def test_a_visit_is_booked_at_the_clients_barber_and_audited() -> None:
    client, starts_at = factories.create_client(), timezone.now()

    appointment = book_appointment(
        client=client,
        service_name="Haircut",
        price=Money(30_00, "GBP"),
        starts_at=starts_at,
        by="usr_1",
    )

    appointment.refresh_from_db()
    assert appointment.barber == client.barber
    assert appointment.price == Money(30_00, "GBP")
    assert appointment.status == AppointmentStatus.BOOKED
    entry = AuditEntry.objects.get()
    assert (entry.subject, entry.action, entry.by) == (
        f"appointment:{appointment.pk}",
        "appointment.booked",
        "usr_1",
    )


@pytest.mark.parametrize("minor", [0, -5_00])
def test_a_visit_costs_something(minor: int) -> None:
    client = factories.create_client()

    with pytest.raises(PriceNotPositive):
        book_appointment(
            client=client,
            service_name="Haircut",
            price=Money(minor, "USD"),
            starts_at=timezone.now(),
            by="usr_1",
        )

    assert not Appointment.objects.exists()


def test_a_change_is_audited_with_before_and_after() -> None:
    appointment = factories.create_appointment(service_name="Haircut")

    changed = change_appointment(
        appointment=appointment,
        by="usr_1",
        service_name="Shave",
        status=AppointmentStatus.COMPLETED,
    )

    changed.refresh_from_db()
    assert (changed.service_name, changed.status) == ("Shave", "completed")
    entry = AuditEntry.objects.get()
    assert entry.before == {"service_name": "Haircut", "status": "booked"}
    assert entry.after == {"service_name": "Shave", "status": "completed"}


def test_changing_nothing_leaves_no_trace() -> None:
    change_appointment(appointment=factories.create_appointment(), by="usr_1")

    assert not AuditEntry.objects.exists()


@pytest.mark.parametrize("status", ["completed", "canceled", "no_show"])
def test_what_is_over_does_not_change(status: str) -> None:
    appointment = factories.create_appointment(status=status)

    with pytest.raises(AppointmentClosed) as raised:
        change_appointment(
            appointment=appointment, by="usr_1", starts_at=timezone.now() + timedelta(days=2)
        )

    assert raised.value.details == {"status": status}
    assert not AuditEntry.objects.exists()


def test_a_stale_copy_does_not_reopen_a_visit() -> None:
    appointment = factories.create_appointment()
    stale = Appointment.objects.get(pk=appointment.pk)
    change_appointment(appointment=appointment, by="usr_1", status=AppointmentStatus.CANCELED)

    with pytest.raises(AppointmentClosed):
        change_appointment(appointment=stale, by="usr_2", status=AppointmentStatus.COMPLETED)
