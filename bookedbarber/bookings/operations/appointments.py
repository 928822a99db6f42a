"""Booking and changing visits."""

from datetime import datetime

from django.db import transaction

from bookedbarber.foundation.audit import record_audit
from bookedbarber.foundation.errors import Conflict, Invalid
from bookedbarber.foundation.money import Money

from ..models import Appointment, AppointmentStatus, Client


class PriceNotPositive(Invalid):
    """The price of an appointment must be more than nothing."""


class AppointmentClosed(Conflict):
    """The appointment was completed or canceled and can no longer change."""


@transaction.atomic
def book_appointment(
    *, client: Client, service_name: str, price: Money, starts_at: datetime, by: str
) -> Appointment:
    """Book a visit of `client` at his barber.

    :raises PriceNotPositive: the price is zero or less.
    """
    if price <= Money.zero(price.currency):
        raise PriceNotPositive(price=str(price.major))
    appointment = Appointment.objects.create(
        barber_id=client.barber_id,
        client=client,
        service_name=service_name,
        price_minor=price.amount_minor,
        currency=price.currency,
        starts_at=starts_at,
    )
    record_audit(subject=f"appointment:{appointment.pk}", action="appointment.booked", by=by)
    return appointment


@transaction.atomic
def change_appointment(
    *,
    appointment: Appointment,
    by: str,
    service_name: str | None = None,
    starts_at: datetime | None = None,
    status: AppointmentStatus | None = None,
) -> Appointment:
    """Change what is given of a booked visit; its price stays as agreed.

    :raises AppointmentClosed: it is no longer booked.
    """
    row = Appointment.objects.select_for_update(of=["self"]).get(pk=appointment.pk)
    if row.status != AppointmentStatus.BOOKED:
        raise AppointmentClosed(status=row.status)
    wanted = {"service_name": service_name, "starts_at": starts_at, "status": status}
    changes = {name: value for name, value in wanted.items() if value is not None}
    if not changes:
        return row
    before = {name: str(getattr(row, name)) for name in changes}
    for name, value in changes.items():
        setattr(row, name, value)
    row.save(update_fields=list(changes))
    record_audit(
        subject=f"appointment:{row.pk}",
        action="appointment.changed",
        by=by,
        before=before,
        after={name: str(value) for name, value in changes.items()},
    )
    return row
