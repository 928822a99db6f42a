"""A visit that is completed and canceled at the same moment."""

from collections import Counter
from functools import partial

import pytest

from bookedbarber.bookings.models import Appointment, AppointmentStatus
from bookedbarber.bookings.operations.appointments import AppointmentClosed, change_appointment
from tests import factories
from tests.foundation.at_once import do_at_once

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_visit_ends_in_one_way() -> None:
    appointment = factories.create_appointment()
    ends = [AppointmentStatus.COMPLETED, AppointmentStatus.CANCELED] * 3

    results = do_at_once(
        [
            partial(change_appointment, appointment=appointment, by="usr_1", status=end)
            for end in ends
        ]
    )

    assert Counter(type(result) for result in results) == {
        Appointment: 1,
        AppointmentClosed: len(ends) - 1,
    }
