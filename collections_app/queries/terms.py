"""On which terms barbers' collections are built."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection

from payments.models import HybridPaymentConfig
from payments.states import CollectionFrequency

from ..rules.periods import Schedule

# Everybody who owes anything, or ever did; one whom another builder holds is left to that one.
_TERMS = """
SELECT b.id, b.time_zone, c.collection_frequency, c.collection_day, c.buffer_days,
  c.minimum_collection_minor, c.net_rent
FROM accounts_barber b
LEFT JOIN LATERAL (
  SELECT * FROM payments_hybridpaymentconfig
  WHERE barber_id = b.id AND effective_at <= %(now)s
  ORDER BY effective_at DESC LIMIT 1
) c ON true
WHERE b.id > %(after)s AND EXISTS (
  SELECT FROM payments_accrual a WHERE a.barber_id = b.id AND a.amount_minor <> 0)
ORDER BY b.id LIMIT %(most)s
FOR NO KEY UPDATE OF b SKIP LOCKED
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class CollectionTerms:
    """`minimum_minor` is of every currency; `net_rent`: rent and commission are one collection."""

    barber_id: int
    schedule: Schedule
    minimum_minor: int
    net_rent: bool


def lock_terms(*, after: int, most: int, now: datetime) -> Sequence[CollectionTerms]:
    """The terms in force of barbers with accruals, by id; call it where they are collected.

    Each is locked until the transaction ends, so nobody else builds for him meanwhile.
    """
    values: dict[str, Any] = {"after": after, "most": most, "now": now}
    with connection.cursor() as cursor:
        cursor.execute(_TERMS, values)
        return [_to_terms(*row) for row in cursor.fetchall()]


def list_automatic(barber_ids: Collection[int], *, now: datetime) -> set[int]:
    """Those whose collections are attempted without a person."""
    in_force = HybridPaymentConfig.objects.in_force(at=now).filter(barber_id__in=barber_ids)
    configured = dict(in_force.distinct("barber_id").values_list("barber_id", "auto_collection"))
    default = HybridPaymentConfig().auto_collection
    return {barber for barber in barber_ids if configured.get(barber, default)}


def _to_terms(barber_id: int, zone: str, *terms: Any) -> CollectionTerms:
    if terms[0] is None:
        terms = _DEFAULTS
    frequency, day, buffer_days, minimum_minor, net_rent = terms
    return CollectionTerms(
        barber_id=barber_id,
        schedule=Schedule(
            frequency=CollectionFrequency(frequency),
            day=day,
            buffer_days=buffer_days,
            zone=ZoneInfo(zone),
        ),
        minimum_minor=minimum_minor,
        net_rent=net_rent,
    )


# Of a barber who was never configured.
_DEFAULTS: tuple[Any, ...] = attrgetter(
    "collection_frequency",
    "collection_day",
    "buffer_days",
    "minimum_collection_minor",
    "net_rent",
)(HybridPaymentConfig())
