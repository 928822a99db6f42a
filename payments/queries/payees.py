"""Who is to be paid, as far as the person asking may know."""

from dataclasses import dataclass

from django.db.models import Q

from bookedbarber.accounts.models import Barber, User
from bookedbarber.accounts.models.barbers import get_visibility
from bookedbarber.accounts.roles import Role
from bookedbarber.bookings.models import Appointment
from bookedbarber.foundation.errors import Invalid

from ..errors import UnknownAppointment, UnknownBarber


class PayeeMissing(Invalid):
    """appointment_id or barber_id is needed."""


class PayeeContradicts(Invalid):
    """barber_id: is not the barber of this appointment."""


@dataclass(frozen=True, slots=True)
class Payee:
    barber: Barber
    appointment: Appointment | None


def get_payee(user: User, *, appointment_id: int | None, barber_id: int | None) -> Payee:
    """The barber of the appointment, the barber named, or the person's own; one statement.

    :raises UnknownAppointment, UnknownBarber: there is none that this person may see.
    :raises PayeeContradicts: both are given and do not belong together.
    :raises PayeeMissing: neither is given by somebody who is no barber.
    """
    if appointment_id is not None:
        return _get_by_appointment(user, appointment_id, barber_id)
    if barber_id is not None:
        barber = Barber.objects.visible_to(user).filter(pk=barber_id).first()
        if barber is None:
            raise UnknownBarber(barber_id=barber_id)
        return Payee(barber, None)
    own: Barber | None = getattr(user, "barber", None)
    if own is None:
        raise PayeeMissing(field="appointment_id")
    return Payee(own, None)


def get_barber_with_options(user: User, barber_id: int) -> Barber:
    """A barber whose ways to pay this person may read: also one whose client he is.

    :raises UnknownBarber: there is none.
    """
    allowed = get_visibility(user)
    if user.role == Role.CLIENT:
        allowed = Q(clients__user=user)
    barber = Barber.objects.filter(allowed, pk=barber_id).distinct().first()
    if barber is None:
        raise UnknownBarber(barber_id=barber_id)
    return barber


def _get_by_appointment(user: User, appointment_id: int, barber_id: int | None) -> Payee:
    appointment = (
        Appointment.objects.visible_to(user)
        .select_related("barber")
        .filter(pk=appointment_id)
        .first()
    )
    if appointment is None:
        raise UnknownAppointment(appointment_id=appointment_id)
    if barber_id is not None and barber_id != appointment.barber_id:
        raise PayeeContradicts(field="barber_id")
    return Payee(appointment.barber, appointment)
