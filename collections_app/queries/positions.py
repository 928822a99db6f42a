"""Where a barber stands: what is outstanding, what is being collected, what comes next."""

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import F, Sum

from bookedbarber.accounts.models import User
from bookedbarber.foundation.money import Money
from payments.models import Accrual

from ..models import CollectionLine, PlatformCollection
from ..states import OPEN_COLLECTION_STATES, CollectionState, LineState

if TYPE_CHECKING:
    from django.db.models import QuerySet

_NEXT = [CollectionState.PENDING, CollectionState.DUE, CollectionState.PROCESSING]


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """In one currency. `outstanding` is in no collection yet; below zero it is a credit.

    `contested` is outstanding in the end or given up, `collecting` is in collections that are
    still open; the three together are what is owed.
    """

    outstanding: Money
    contested: Money
    collecting: Money
    next_collection: PlatformCollection | None

    @property
    def owed(self) -> Money:
        return self.outstanding + self.contested + self.collecting


def get_positions(
    user: User, *, environment: str, barber_id: int | None = None
) -> dict[str, Position]:
    """By currency, over the barbers that this person may see, or one of them."""
    only = {} if barber_id is None else {"barber_id": barber_id}
    accruals = Accrual.objects.visible_to(user).filter(environment=environment, **only)
    collections = PlatformCollection.objects.visible_to(user).filter(
        environment=environment, **only
    )
    owed = {
        currency: (outstanding, contested, collecting)
        for currency, outstanding, contested, collecting in _sum(accruals, collections)
    }
    return {
        currency: Position(
            outstanding=Money(outstanding, currency),
            contested=Money(contested, currency),
            collecting=Money(collecting, currency),
            next_collection=_find_next(collections, currency),
        )
        for currency, (outstanding, contested, collecting) in sorted(owed.items())
    }


def _sum(
    accruals: "QuerySet[Accrual]", collections: "QuerySet[PlatformCollection]"
) -> list[tuple[str, int, int, int]]:
    """What was accrued less what is in lines, what is contested, what is being collected."""
    accrued = dict(accruals.values_list("currency").annotate(Sum("amount_minor")))
    contested: dict[str, int] = defaultdict(int)
    collecting: dict[str, int] = defaultdict(int)
    lines = CollectionLine.objects.filter(collection__in=collections).exclude(
        state=LineState.RELEASED
    )
    columns = ("state", "collection__state", "collection__currency")
    sums = lines.values_list(*columns).annotate(Sum("amount_minor")).order_by()
    for state, collection_state, currency, amount in sums:
        accrued[currency] = accrued.get(currency, 0) - amount
        if state == LineState.CONTESTED:
            contested[currency] += amount
        elif collection_state in OPEN_COLLECTION_STATES:
            collecting[currency] += amount
    return [
        (currency, outstanding, contested[currency], collecting[currency])
        for currency, outstanding in accrued.items()
    ]


def _find_next(
    collections: "QuerySet[PlatformCollection]", currency: str
) -> PlatformCollection | None:
    """The one that is taken first."""
    open_ones = collections.filter(currency=currency, state__in=_NEXT)
    return open_ones.order_by(F("next_attempt_at").asc(nulls_last=True), "pk").first()
