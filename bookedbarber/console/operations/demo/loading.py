"""Loading the demo: once, from nothing to three months of business."""

import random
from collections import Counter
from datetime import datetime, timedelta

from bookedbarber.accounts.models import Barber
from bookedbarber.foundation.audit import record_audit
from bookedbarber.foundation.models import AuditEntry
from payments.operations.connections import connect_platform

from . import payouts, people, sales

DAYS = 91
SEED = 75
LOADED = "demo.loaded"


def load_demo(*, now: datetime) -> dict[str, int]:
    """Make the demo's people, accounts and sales; returns what was made, by name.

    Repeatable: what is complete is left alone, what was interrupted is begun again barber by
    barber. Connections and configs begin before the first sale, so that commission is what it
    would have been.

    :raises SimulatorNotReached: the simulator does not answer.
    """
    since = now - timedelta(days=DAYS + 1)
    people.open_platform_account()
    people.open_applications()
    connect_platform(by=people.BY, now=since)
    if not people.has_people():
        people.create_people()
    made: Counter[str] = Counter()
    for plan in people.BARBERS:
        barber = people.get_barber(plan)
        if not _is_loaded(barber):
            made += _load_barber(plan, barber, since, now)
    return dict(made)


def _is_loaded(barber: Barber) -> bool:
    return AuditEntry.objects.filter(subject=_name(barber), action=LOADED).exists()


def _load_barber(
    plan: people.BarberPlan, barber: Barber, since: datetime, now: datetime
) -> Counter[str]:
    dice = random.Random(f"{SEED} {plan.login}")  # the same demo every time
    people.open_accounts(plan, barber, since=since)
    barber.refresh_from_db()
    visits = sales.plan_visits(barber, today=now, days=DAYS, dice=dice)
    made = Counter({"barbers": 1, "payments": sales.take_past_payments(barber, visits)})
    for connection in barber.connections.filter(processor="square"):
        terminal = sales.plan_visits(barber, today=now, days=DAYS, dice=dice)
        made["terminal sales"] += sales.import_terminal_sales(connection, terminal)
    made["upcoming visits"] = sales.book_upcoming(barber, now=now, dice=dice)
    made["payouts"] = payouts.pay_out_barber(plan, barber, now=now)
    record_audit(subject=_name(barber), action=LOADED, by=people.BY)
    return made


def _name(barber: Barber) -> str:
    return f"barber:{barber.pk}"
