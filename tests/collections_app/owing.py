"""Barbers who owe the platform: sales on their own accounts, terms, and what is built of it."""

from datetime import UTC, datetime, timedelta
from typing import Any

from bookedbarber.accounts.models import Barber
from collections_app.models import CollectionLine, PlatformCollection
from collections_app.operations.building import build_collections
from payments.models import Accrual
from payments.states import Mode
from processors.contract import Movement, MovementKind
from processors.models import Connection
from tests import factories
from tests.payments.books import BY, about, charge, record, usd

# A Monday; the week before is closed at BUILD, three days later.
MONDAY = datetime(2026, 6, 8, tzinfo=UTC)
BUILD = MONDAY + timedelta(days=3)
LAST_WEEK = MONDAY - timedelta(days=5)
WEEK = timedelta(days=7)


def create_owing_barber(**terms: Any) -> tuple[Barber, Connection]:
    """On his own account, collected weekly without a minimum unless the terms say otherwise."""
    zone = terms.pop("time_zone", "UTC")
    barber = factories.create_barber(time_zone=zone)
    factories.create_config(
        barber, **({"mode": Mode.DECENTRALIZED, "minimum_collection_minor": 0} | terms)
    )
    return barber, factories.create_connection(barber)


def sell(account: Connection, *amounts_minor: int, at: datetime = LAST_WEEK) -> list[Movement]:
    sales = [charge(amount=usd(minor), occurred_at=at) for minor in amounts_minor]
    record(account, *sales)
    return sales


def refund(
    account: Connection, sale: Movement, minor: int, *, at: datetime = LAST_WEEK
) -> Movement:
    movement = about(sale, MovementKind.REFUND, amount=usd(minor), occurred_at=at)
    record(account, movement)
    return movement


def build(now: datetime = BUILD) -> list[PlatformCollection]:
    built = build_collections(now=now, by=BY)
    rows = PlatformCollection.objects.filter(pk__in=built.collection_ids)
    return list(rows.order_by("pk"))


def build_one(now: datetime = BUILD) -> PlatformCollection:
    (collection,) = build(now)
    return collection


def list_lines(collection: PlatformCollection) -> list[int]:
    """Minor units of the live lines."""
    live = CollectionLine.objects.live().filter(collection=collection).order_by("pk")
    return list(live.values_list("amount_minor", flat=True))


def get_outstanding(barber: Barber) -> int:
    held = CollectionLine.objects.exclude(state="released").values("accrual")
    rows = Accrual.objects.filter(barber=barber).exclude(pk__in=held)
    return sum(rows.values_list("amount_minor", flat=True))
