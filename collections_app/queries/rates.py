"""Where the rate of a commission came from."""

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from payments.models import ExternalTransaction, HybridPaymentConfig


@dataclass(frozen=True, slots=True)
class RateBook:
    """The versions of some barbers' terms over all time."""

    versions: Mapping[int, Sequence[HybridPaymentConfig]]

    def find_version(self, sale: ExternalTransaction) -> HybridPaymentConfig | None:
        """The terms that were in force when the sale was made; None: the platform's default."""
        versions = self.versions.get(sale.barber_id or 0, [])
        place = bisect_right([one.effective_at for one in versions], get_rated_at(sale))
        return versions[place - 1] if place else None


def load_rates(barber_ids: Iterable[int]) -> RateBook:
    """The book for these barbers, in one statement."""
    versions: dict[int, list[HybridPaymentConfig]] = {}
    configs = HybridPaymentConfig.objects.filter(barber_id__in=set(barber_ids))
    for config in configs.order_by("effective_at"):
        versions.setdefault(config.barber_id, []).append(config)
    return RateBook(versions)


def get_rated_at(sale: ExternalTransaction) -> datetime:
    """Whose rate it bears was decided then: with the payment, or elsewhere by the sale itself."""
    return sale.payment.created_at if sale.payment else sale.occurred_at
