"""Collections of a period in figures."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING

from django.db.models import Count, Sum

from bookedbarber.accounts.models import User
from bookedbarber.foundation.money import Money
from payments.models import Accrual

from ..models import PlatformCollection
from ..states import CollectionState
from .positions import Position, get_positions

if TYPE_CHECKING:
    from django.db.models import QuerySet

PERIODS = {
    "7_days": timedelta(days=7),
    "30_days": timedelta(days=30),
    "90_days": timedelta(days=90),
    "1_year": timedelta(days=365),
}


@dataclass(frozen=True, slots=True)
class Tally:
    count: int
    amount: Money


@dataclass(frozen=True, slots=True)
class Trend:
    """`change` in percent of what was before; None when there was nothing."""

    now: Money
    before: Money

    @property
    def change(self) -> Decimal | None:
        if not self.before:
            return None
        step = Decimal((self.now - self.before).amount_minor * 100) / self.before.amount_minor
        return step.quantize(Decimal("0.01"), ROUND_HALF_UP)


@dataclass(frozen=True, slots=True, kw_only=True)
class CurrencySummary:
    """`by_state`: collections that were built in the period, as they stand now. `by_kind`: what
    barbers came to owe in it. `collected` and `accrued`: beside the period before."""

    currency: str
    position: Position
    by_state: Mapping[str, Tally]
    by_kind: Mapping[str, Tally]
    collected: Trend
    accrued: Trend


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    since: datetime
    until: datetime
    currencies: list[CurrencySummary]


def summarize(
    user: User, *, environment: str, period: str, now: datetime, barber_id: int | None = None
) -> Summary:
    """Of the barbers that this person may see, or one of them; `period` is one of `PERIODS`."""
    only = {} if barber_id is None else {"barber_id": barber_id}
    collections = PlatformCollection.objects.visible_to(user).filter(
        environment=environment, **only
    )
    accruals = Accrual.objects.visible_to(user).filter(environment=environment, **only)
    positions = get_positions(user, environment=environment, barber_id=barber_id)
    since = now - PERIODS[period]
    before = since - PERIODS[period]
    states = _tally_states(collections.filter(created_at__gte=since, created_at__lt=now))
    kinds = _tally_kinds(accruals.filter(created_at__gte=since, created_at__lt=now))
    collected = _sum_collected(collections, since, now)
    collected_before = _sum_collected(collections, before, since)
    accrued = _sum_accrued(accruals, since, now)
    accrued_before = _sum_accrued(accruals, before, since)
    return Summary(
        since=since,
        until=now,
        currencies=[
            CurrencySummary(
                currency=currency,
                position=position,
                by_state=states.get(currency, {}),
                by_kind=kinds.get(currency, {}),
                collected=_compare(collected, collected_before, currency),
                accrued=_compare(accrued, accrued_before, currency),
            )
            for currency, position in positions.items()
        ],
    )


def _tally_states(rows: "QuerySet[PlatformCollection]") -> dict[str, dict[str, Tally]]:
    sums = rows.values_list("currency", "state").annotate(Count("pk"), Sum("amount_minor"))
    return _group(sums.order_by())


def _tally_kinds(rows: "QuerySet[Accrual]") -> dict[str, dict[str, Tally]]:
    sums = rows.values_list("currency", "kind").annotate(Count("pk"), Sum("amount_minor"))
    return _group(sums.order_by())


def _group(sums: Iterable[tuple[str, str, int, int]]) -> dict[str, dict[str, Tally]]:
    grouped: dict[str, dict[str, Tally]] = {}
    for currency, name, count, amount in sums:
        grouped.setdefault(currency, {})[name] = Tally(count, Money(amount, currency))
    return grouped


def _sum_collected(
    rows: "QuerySet[PlatformCollection]", since: datetime, until: datetime
) -> dict[str, int]:
    paid = rows.filter(
        state=CollectionState.COLLECTED, collected_at__gte=since, collected_at__lt=until
    )
    return dict(paid.values_list("currency").annotate(Sum("amount_minor")).order_by())


def _sum_accrued(rows: "QuerySet[Accrual]", since: datetime, until: datetime) -> dict[str, int]:
    then = rows.filter(created_at__gte=since, created_at__lt=until)
    return dict(then.values_list("currency").annotate(Sum("amount_minor")).order_by())


def _compare(now: Mapping[str, int], before: Mapping[str, int], currency: str) -> Trend:
    return Trend(Money(now.get(currency, 0), currency), Money(before.get(currency, 0), currency))
