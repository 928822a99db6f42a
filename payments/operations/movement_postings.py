"""Postings of movements on the platform's accounts."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db.models import Max, QuerySet, Sum

from bookedbarber.foundation.money import Money
from processors.models import PLATFORM_OWNER_ID

from ..models import ExternalTransaction, LedgerEntry
from ..rules.commission import calculate_commission
from ..rules.postings import (
    PlatformMovement,
    Posting,
    post_platform_fee,
    post_platform_sale,
    post_unexplained,
)
from ..states import AccountCode, PostingSource, Purpose
from .ledger import post

# What was posted of a movement's fee: (last revision, minor units).
PostedFees = Mapping[int, tuple[int, int]]


def post_movements(movement_ids: Sequence[int], *, by: str, now: datetime) -> int:
    """Book what these movements changed on the platform's accounts; others book nothing.

    Repeatable: a sale is booked once, a fee by the difference to what was booked of it.
    """
    rows = list(_list_completed(movement_ids))
    if not rows:
        return 0
    posted = _get_posted_fees([row.pk for row in rows])
    postings = [posting for row in rows for posting in _to_postings(row, posted)]
    return post(postings, by=by, now=now)


def _list_completed(movement_ids: Sequence[int]) -> QuerySet[ExternalTransaction]:
    return (
        ExternalTransaction.objects.completed()
        .filter(pk__in=movement_ids, owner_id=PLATFORM_OWNER_ID)
        .select_related("connection")
        .order_by("pk")
    )


def _get_posted_fees(movement_ids: Sequence[int]) -> PostedFees:
    sums = (
        LedgerEntry.objects.filter(
            transaction__source_type=PostingSource.MOVEMENT,
            transaction__source_id__in=movement_ids,
            transaction__kind="fee",
            account__code=AccountCode.CLEARING,
        )
        .values_list("transaction__source_id")
        .annotate(Max("transaction__revision"), Sum("amount_minor"))
    )
    return {source_id: (revision, -amount) for source_id, revision, amount in sums}


def _to_postings(row: ExternalTransaction, posted: PostedFees) -> list[Posting]:
    base = Money(row.base_minor, row.currency)
    movement = PlatformMovement(
        id=row.pk,
        environment=row.connection.environment,
        connection_id=row.connection_id,
        barber_id=row.barber_id or 0,
        gross=row.amount,
        commission=calculate_commission(base, row.commission_rate),
        occurred_at=row.occurred_at,
    )
    if row.purpose == Purpose.UNEXPLAINED:
        return [post_unexplained(movement)]
    return [post_platform_sale(movement), *_to_fee_posting(row, movement, posted)]


def _to_fee_posting(
    row: ExternalTransaction, movement: PlatformMovement, posted: PostedFees
) -> list[Posting]:
    if row.fee is None:
        return []
    revision, before_minor = posted.get(row.pk, (0, 0))
    change = row.fee - Money(before_minor, row.currency)
    return [post_platform_fee(movement, change, revision + 1)] if change else []
