"""What a processor charges for a sale, as long as it has not said so itself. Pure."""

from dataclasses import dataclass
from decimal import Decimal

from bookedbarber.foundation.money import Money


@dataclass(frozen=True, slots=True)
class FeeTerms:
    """`percent` of the amount plus `fixed_minor` in its currency."""

    percent: Decimal
    fixed_minor: int


def estimate_processing_fee(amount: Money, terms: FeeTerms) -> Money:
    """The expected fee, tip included, rounded half up once."""
    return amount.percent(terms.percent) + Money(terms.fixed_minor, amount.currency)
