"""Makes the people of a run by the product's own operations; runs inside the product.

    python -m tests.chaos.populate WANTED   prints {login: {id, connections, visits}} as JSON

WANTED is JSON: {"visits": {login: {visit number: price in minor units}}, "reads_lists": whether
accounts are synchronized, then every minute}.
"""

import json
import os
import sys
from datetime import timedelta
from decimal import Decimal
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bookedbarber.settings")
django.setup()

from django.utils import timezone  # noqa: E402

from bookedbarber.accounts.models import Barber, User  # noqa: E402
from bookedbarber.accounts.roles import Role  # noqa: E402
from bookedbarber.bookings.models import Client  # noqa: E402
from bookedbarber.bookings.operations.appointments import book_appointment  # noqa: E402
from bookedbarber.console.models import TimetableEntry  # noqa: E402
from bookedbarber.console.operations.timetable import seed_timetable  # noqa: E402
from bookedbarber.foundation.money import Money  # noqa: E402
from payments.operations.configs import set_config  # noqa: E402
from payments.operations.connections import connect_account, connect_platform  # noqa: E402
from processors.models import Connection  # noqa: E402
from processors.operations.webhook_registrations import recreate_webhook  # noqa: E402
from tests.chaos.barbers import BARBERS, PASSWORD, BarberSpec  # noqa: E402

BY = "job:chaos"
_TIMES = {
    "payments.sync_live_connections": "* * * * *",
    "payments.sync_all_connections": "*/2 * * * *",
}


def main() -> None:
    wanted = json.loads(sys.argv[1])
    connect_platform(by=BY, now=timezone.now())
    made = {spec.login: _make(spec, wanted["visits"].get(spec.login, {})) for spec in BARBERS}
    for connection in Connection.objects.all():
        recreate_webhook(connection=connection, by=BY, now=timezone.now())
    _set_timetable(reads_lists=wanted["reads_lists"])
    print(json.dumps(made))


def _set_timetable(*, reads_lists: bool) -> None:
    """As an operator does: accounts are read every minute, thoroughly every other, or never."""
    seed_timetable(now=timezone.now())
    for job, times in _TIMES.items():
        TimetableEntry.objects.filter(job=job).update(times=times, is_enabled=reads_lists)


def _make(spec: BarberSpec, visits: dict[str, int]) -> dict[str, Any]:
    user = User.objects.create_user(spec.email, PASSWORD, role=Role.BARBER, name=spec.login)
    barber = Barber.objects.create(user=user, name=spec.login)
    connections = {each: _connect(spec, barber, each) for each in spec.processors}
    changes = {
        "mode": spec.mode,
        "currency": spec.currency,
        "commission_rate": Decimal(spec.rate),
        **spec.config,
    }
    set_config(barber=barber, changes=changes, by=BY, now=timezone.now())
    return {
        "id": barber.pk,
        "connections": connections,
        "visits": _book(spec, barber, visits),
    }


def _connect(spec: BarberSpec, barber: Barber, processor: str) -> int:
    connection = connect_account(
        barber=barber,
        processor=processor,
        credentials=spec.get_credentials(processor),
        by=BY,
        now=timezone.now(),
    )
    return connection.pk


def _book(spec: BarberSpec, barber: Barber, visits: dict[str, int]) -> dict[str, int]:
    client = Client.objects.create(barber=barber, name="Casey")
    booked = {}
    for number, price_minor in visits.items():
        appointment = book_appointment(
            client=client,
            service_name="Haircut",
            price=Money(price_minor, spec.currency),
            starts_at=timezone.now() + timedelta(hours=int(number)),
            by=BY,
        )
        booked[number] = appointment.pk
    return booked


if __name__ == "__main__":
    main()
