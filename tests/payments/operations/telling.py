"""Telling us what happened on an account, by events and by syncs, and what we then say of it."""

from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import Sum
from django.utils import timezone

from payments.models import (
    Accrual,
    Discrepancy,
    Dispute,
    ExternalTransaction,
    LedgerEntry,
    Payment,
    Refund,
)
from payments.operations.disputes import follow_disputes
from payments.operations.parked_events import release_parked_events
from payments.operations.syncs import sync_connection
from processors.models import Connection, WebhookEvent
from processors.operations.webhook_handling import handle_webhook_events
from tests.payments.operations.stories import Story
from tests.processors.webhooks.doors import Door

BY = "job:test"


@dataclass(frozen=True)
class Told:
    """What our records say of an account, whoever told them."""

    movements: list[Any]
    accrued: list[Any]
    booked: dict[tuple[str, str, str], int]
    disputes: list[Any]
    payments: list[Any]
    refunds: list[Any]
    discrepancies: list[Any]


@contextmanager
def undone() -> Iterator[None]:
    """Nothing of the block stays; its transaction is the test's, not one of the code's own."""
    around = transaction.atomic()
    around._from_testcase = True  # type: ignore[attr-defined]  # as Django marks a test case's
    with around:
        yield
        transaction.set_rollback(True)


def tell(story: Story, door: Door, places: Iterable[int]) -> None:
    """Send these of the events, and handle them until nothing more comes of them."""
    for place in places:
        assert door.send(story.events[place]).status_code == 200
    now = timezone.now()
    while handle_webhook_events(now=now) or release_parked_events(now=now):
        now += timedelta(minutes=1)
    follow_disputes()


def sync(story: Story) -> None:
    now, connection = timezone.now(), Connection.objects.get(pk=story.connection.pk)
    run = sync_connection(connection=connection, by=BY, now=now, since=now - timedelta(days=30))
    assert (run.outcome, run.error, run.unreadable) == ("completed", "", [])
    follow_disputes()


def look(story: Story) -> Told:
    connection = story.connection
    disputes = Dispute.objects.filter(connection=connection).order_by("external_id")
    payments = Payment.objects.filter(legs__connection=connection).order_by("pk")
    refunds = Refund.objects.filter(leg__connection=connection).order_by("external_id")
    open_items = Discrepancy.objects.filter(connection=connection).order_by("kind", "external_id")
    return Told(
        movements=_list_movements(connection),
        accrued=_sum_accruals(connection),
        booked=_sum_entries(connection),
        disputes=list(
            disputes.values_list(
                "external_id", "state", "amount_minor", "charge__external_id", "payment_id"
            )
        ),
        payments=list(payments.values_list("pk", "state", "refunded_minor", "disputed_minor")),
        refunds=list(refunds.values_list("external_id", "state", "amount_minor", "payment_id")),
        discrepancies=list(open_items.values_list("kind", "state", "external_id")),
    )


def list_failed(story: Story) -> list[tuple[str, str, str]]:
    """Events that are not done with, or that did not succeed at once."""
    rows = WebhookEvent.objects.filter(connection=story.connection)
    wrong = rows.exclude(state__in=["handled", "ignored"]) | rows.filter(tries__gt=0)
    return list(wrong.values_list("type", "state", "error"))


_SAID = (
    "kind", "external_id", "group_id", "parent_external_id", "sale__external_id", "purpose",
    "barber_id", "payment_id", "state", "amount_minor", "tip_minor", "fee_minor", "currency",
    "base_minor", "commission_rate", "method", "occurred_at", "local_day", "available_at",
)  # fmt: skip


def _list_movements(connection: Connection) -> list[Any]:
    rows = ExternalTransaction.objects.filter(connection=connection)
    return list(rows.order_by("kind", "external_id").values_list(*_SAID))


def _sum_accruals(connection: Connection) -> list[Any]:
    """By sale; nothing owed is the same as never owed."""
    sums = (
        Accrual.objects.filter(sale__connection=connection)
        .values_list("sale__external_id")
        .annotate(Sum("commission_minor"), Sum("kept_minor"), Sum("amount_minor"))
        .order_by("sale__external_id")
    )
    return [row for row in sums if any(row[1:])]


def _sum_entries(connection: Connection) -> dict[tuple[str, str, str], int]:
    """By sale, or what stands alone, currency and account of the books."""
    movements = ExternalTransaction.objects.filter(connection=connection).values_list(
        "pk", "sale__external_id", "external_id"
    )
    accruals = Accrual.objects.filter(sale__connection=connection).values_list(
        "pk", "sale__external_id"
    )
    names = {("movement", pk): sale or name for pk, sale, name in movements}
    names |= {("accrual", pk): sale for pk, sale in accruals}
    sums: Counter[tuple[str, str, str]] = Counter()
    columns = ("transaction__source_type", "transaction__source_id", "currency", "account__code")
    for kind, source, *account, minor in LedgerEntry.objects.values_list(*columns, "amount_minor"):
        currency, code = account
        sums[names[kind, source], currency, code] += minor
    return {key: minor for key, minor in sums.items() if minor}
