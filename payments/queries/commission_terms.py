"""On which terms a sale that we hear of bears commission: those in force when it was made."""

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from operator import itemgetter

from django.conf import settings

from bookedbarber.accounts.models import Barber
from processors.models import Connection

from ..models import HybridPaymentConfig
from ..rules.commission import CommissionTerms


@dataclass(frozen=True, slots=True)
class TermsBook:
    """The commission terms of some barbers over all time."""

    barbers: Mapping[int, Barber]
    versions: Mapping[int, list[tuple[datetime, CommissionTerms]]]

    no_commission = Decimal(0)

    def get_terms(self, connection: Connection, *, at: datetime) -> CommissionTerms:
        """The terms at a moment; before it was first connected an account's sales bear none."""
        if at < connection.first_connected_at:
            return CommissionTerms(rate=self.no_commission)
        return self.get_terms_of(connection.owner_id, at=at)

    def get_terms_of(self, barber_id: int, *, at: datetime) -> CommissionTerms:
        """The barber's terms at a moment, whatever account the sale was made on."""
        versions = self.versions.get(barber_id, [])
        place = bisect_right(versions, at, key=itemgetter(0))
        if place == 0:
            return CommissionTerms(rate=settings.DEFAULT_COMMISSION_RATE)
        return versions[place - 1][1]


def load_terms(barber_ids: Iterable[int]) -> TermsBook:
    """The book for these barbers, in two statements; none for nobody."""
    wanted = set(barber_ids)
    if not wanted:
        return TermsBook({}, {})
    versions: dict[int, list[tuple[datetime, CommissionTerms]]] = {}
    configs = HybridPaymentConfig.objects.filter(barber_id__in=wanted).order_by("effective_at")
    for config in configs:
        terms = CommissionTerms(
            rate=config.commission_rate,
            on_tips=config.commission_on_tips,
            on_cash=config.commission_on_cash,
        )
        versions.setdefault(config.barber_id, []).append((config.effective_at, terms))
    return TermsBook(Barber.objects.in_bulk(wanted), versions)
