"""Makes the barbers of a run by the product's own operations; runs inside the product.

    python -m tests.chaos.collecting.populate PLAN FIRST_MONDAY SIMULATOR

Prints {number: [barber, connection]} as JSON. What barbers sell on is their own account at a
processor that nobody calls.
"""

import json
import os
import sys
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bookedbarber.settings")
django.setup()

import httpx  # noqa: E402

from bookedbarber.accounts.models import Barber, User  # noqa: E402
from bookedbarber.accounts.roles import Role  # noqa: E402
from bookedbarber.foundation.money import Money  # noqa: E402
from collections_app.models import MandateSetup  # noqa: E402
from collections_app.operations.mandates import confirm_setup, start_setup  # noqa: E402
from collections_app.operations.rent_plans import create_rent_plan  # noqa: E402
from collections_app.rules.consents import CONSENT_VERSION  # noqa: E402
from payments.operations.configs import set_config  # noqa: E402
from payments.operations.connections import connect_platform  # noqa: E402
from tests import factories  # noqa: E402
from tests.chaos.collecting.plan import MINIMUM_MINOR, Plan, PlannedBarber  # noqa: E402

BY = "job:chaos"


def main() -> None:
    plan, first = Plan(**json.loads(sys.argv[1])), datetime.fromisoformat(sys.argv[2])
    now = first - timedelta(days=1)
    connect_platform(by=BY, now=now)
    with httpx.Client(base_url=sys.argv[3], trust_env=False, timeout=60) as doors:
        made = {
            each.number: _make(each, first, now, lambda setup, method: _save(doors, setup, method))
            for each in plan.list_barbers()
        }
    print(json.dumps(made))


def _make(
    planned: PlannedBarber, first: datetime, now: datetime, save: Callable[[str, str], None]
) -> tuple[int, int]:
    name = f"Barber {planned.number}"
    user = User.objects.create(
        email=f"b{planned.number}@chaos.test", role=Role.BARBER, name=name, password="!"
    )
    barber = Barber.objects.create(user=user, name=name, time_zone=planned.zone)
    changes = {
        "mode": "decentralized",
        "currency": planned.currency,
        "commission_rate": Decimal(planned.rate),
        "minimum_collection_minor": MINIMUM_MINOR,
    }
    set_config(barber=barber, changes=changes, by=BY, now=now)
    if planned.rent_minor:
        create_rent_plan(
            barber=barber,
            amount=Money(planned.rent_minor, planned.currency),
            frequency="weekly",
            starts_on=first.date(),
            by=BY,
            now=now,
        )
    if planned.method:
        _agree(barber, planned.method, now, save)
    account = factories.create_connection(barber, currencies=[planned.currency])
    return barber.pk, account.pk


def _agree(barber: Barber, method: str, now: datetime, save: Callable[[str, str], None]) -> None:
    page = start_setup(
        barber=barber,
        accepted_version=CONSENT_VERSION,
        accepted_from="192.0.2.7",
        success_url="https://app.example/saved",
        cancel_url="https://app.example/back",
        by=barber.user.public_id,
        now=now,
    )
    save(page.external_id, method)
    setup = MandateSetup.objects.get(external_id=page.external_id)
    confirm_setup(setup=setup, by=barber.user.public_id, now=now)


def _save(doors: httpx.Client, setup: str, method: str) -> None:
    doors.post(f"/_simulator/setup/{setup}", json={"method": method}).raise_for_status()


if __name__ == "__main__":
    main()
