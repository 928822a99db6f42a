"""Three months of sales: claimed and settled by the product's own operations, charged through the
simulator's bulk door; and sales at the barbers' own terminals, imported as any other movement."""

import random
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any, TypeVar

from bookedbarber.accounts.models import Barber
from bookedbarber.bookings.models import Appointment, AppointmentStatus, Client, Service
from bookedbarber.bookings.operations.appointments import book_appointment, change_appointment
from bookedbarber.foundation.money import Money
from payments.models import PaymentLeg
from payments.operations.claims import Order, claim_payment, route_order
from payments.operations.evidence import Evidence, Outcome
from payments.operations.movements import MAX_BATCH, MovementFact, record_movements
from payments.operations.settlement import settle_leg
from processors.adapters.square import translate as square
from processors.adapters.stripe import translate as stripe
from processors.contract import Movement
from processors.models import Connection

from . import simulator_door
from .people import BY

T = TypeVar("T")

CHANCE_OF_TIP = 0.4
# Few enough that they are settled before their leases end.
MOST_UNDER_WAY = 100
TOKEN = "demo"  # noqa: S105  past sales are not charged with a token; it only marks who has one


@dataclass(frozen=True, slots=True)
class Visit:
    """One cut that was paid for."""

    client: Client
    service: Service
    at: datetime
    tip: Money

    @property
    def total(self) -> Money:
        return Money(self.service.price_minor, self.service.currency) + self.tip


def plan_visits(barber: Barber, *, today: datetime, days: int, dice: random.Random) -> list[Visit]:
    """Visits on working days (Tuesday to Saturday) in the barber's own time zone."""
    clients = list(barber.clients.order_by("id"))
    services = list(barber.services.order_by("price_minor"))
    visits = []
    for ago in range(days, 0, -1):
        day = (today - timedelta(days=ago)).astimezone(barber.zone).date()
        if day.weekday() in {0, 6}:
            continue
        for hour in sorted(dice.sample(range(9, 18), dice.randint(1, 2))):
            at = datetime.combine(day, time(hour, dice.randrange(60)), barber.zone)
            visits.append(_plan_visit(clients, services, at, dice))
    return visits


def take_past_payments(barber: Barber, visits: Sequence[Visit]) -> int:
    """Book, claim, charge at the simulator and settle each visit; returns how many."""
    taken = 0
    for batch in batched(visits, MOST_UNDER_WAY):
        legs: dict[int, list[PaymentLeg]] = defaultdict(list)
        for visit in batch:
            leg = _claim(barber, visit)
            legs[leg.connection_id].append(leg)
        connections = Connection.objects.in_bulk(legs)
        for connection_id, claimed in legs.items():
            _charge_and_settle(connections[connection_id], claimed)
        taken += len(batch)
    return taken


def import_terminal_sales(connection: Connection, visits: Sequence[Visit]) -> int:
    """Sales on a barber's own terminal, which no payment of ours knows; returns how many."""
    sales = [
        {
            "occurred_at": visit.at.isoformat(),
            "amount_minor": visit.service.price_minor,
            "tip_minor": visit.tip.amount_minor,
            "currency": visit.service.currency,
        }
        for visit in visits
    ]
    movements = _record_at_processor(connection, sales)
    for batch in batched(movements, MAX_BATCH):
        facts = [MovementFact(connection, movement) for movement in batch]
        record_movements(facts, by=BY, now=batch[-1].occurred_at)
    return len(movements)


def book_upcoming(barber: Barber, *, now: datetime, dice: random.Random) -> int:
    """Three visits that are still to come, for the pages to take payments for."""
    clients = list(barber.clients.order_by("id"))
    services = list(barber.services.order_by("price_minor"))
    for days in (1, 2, 3):
        day = (now + timedelta(days=days)).astimezone(barber.zone).date()
        at = datetime.combine(day, time(10), barber.zone)
        _book(_plan_visit(clients, services, at, dice))
    return 3


def batched(rows: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    return (rows[start : start + size] for start in range(0, len(rows), size))


def _plan_visit(
    clients: list[Client], services: list[Service], at: datetime, dice: random.Random
) -> Visit:
    service = dice.choices(services, weights=[6, 3, 1])[0]
    tip_minor = dice.randrange(100, 1000, 50) if dice.random() < CHANCE_OF_TIP else 0
    return Visit(dice.choice(clients), service, at, Money(tip_minor, service.currency))


def _book(visit: Visit) -> Appointment:
    return book_appointment(
        client=visit.client,
        service_name=visit.service.name,
        price=Money(visit.service.price_minor, visit.service.currency),
        starts_at=visit.at,
        by=BY,
    )


def _claim(barber: Barber, visit: Visit) -> PaymentLeg:
    appointment = _book(visit)
    change_appointment(appointment=appointment, status=AppointmentStatus.COMPLETED, by=BY)
    order = Order(
        barber=barber,
        appointment=appointment,
        amount=visit.total,
        tip=visit.tip,
        payment_methods=_get_tokens(barber),
    )
    quote, tokens = route_order(order, now=visit.at)
    leg = claim_payment(order=order, quote=quote, tokens=tokens, by=BY, now=visit.at)
    assert isinstance(leg, PaymentLeg)  # without a key nothing is remembered
    return leg


def _get_tokens(barber: Barber) -> dict[str, str]:
    own = barber.connections.values_list("pk", flat=True)
    return {"platform": TOKEN, **{str(connection_id): TOKEN for connection_id in own}}


def _charge_and_settle(connection: Connection, legs: list[PaymentLeg]) -> None:
    sales = [
        {
            "occurred_at": leg.created_at.isoformat(),
            "amount_minor": leg.amount_minor - leg.tip_minor,
            "tip_minor": leg.tip_minor,
            "currency": leg.currency,
            "reference": leg.public_id,
        }
        for leg in legs
    ]
    movements = _record_at_processor(connection, sales)
    for leg, movement in zip(legs, movements, strict=True):
        evidence = Evidence(
            outcome=Outcome.CAPTURED, external_id=movement.group_id, movement=movement
        )
        settle_leg(leg=leg, evidence=evidence, by=BY, now=leg.created_at)


def _record_at_processor(connection: Connection, sales: list[dict[str, Any]]) -> list[Movement]:
    objects = []
    for batch in batched(sales, MAX_BATCH):
        objects += simulator_door.record_past_sales(
            connection.processor, connection.account_id, batch
        )
    return [_translate(connection.processor, stated) for stated in objects]


def _translate(processor: str, stated: Mapping[str, Any]) -> Movement:
    if processor == "stripe":
        return stripe.to_movement(stated["latest_charge"])
    return square.to_movement(stated)
