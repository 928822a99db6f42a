"""The platform's share of a sale. Pure."""

from dataclasses import dataclass
from decimal import Decimal

from bookedbarber.foundation.money import Money
from processors.contract import PaymentMethodKind


@dataclass(frozen=True, slots=True, kw_only=True)
class CommissionTerms:
    """`rate` is a percentage; tips and cash bear commission only where the terms say so."""

    rate: Decimal
    on_tips: bool = False
    on_cash: bool = False


def calculate_base(
    amount: Money,
    tip: Money,
    terms: CommissionTerms,
    method: PaymentMethodKind = PaymentMethodKind.CARD,
) -> Money:
    """What commission is taken of. A sale paid elsewhere (`external`) bears none at all."""
    if method == PaymentMethodKind.EXTERNAL:
        return Money.zero(amount.currency)
    if method == PaymentMethodKind.CASH and not terms.on_cash:
        return Money.zero(amount.currency)
    return amount if terms.on_tips else amount - tip


def calculate_commission(base: Money, rate: Decimal) -> Money:
    """`rate` percent of the base, rounded half up once."""
    return base.percent(rate)


def calculate_base_left(base: Money, *, whole: Money, taken: Money) -> Money:
    """What is left of a base after `taken` of the `whole` sale went back to the payer.

    Cumulative: the share that is gone is rounded half up once, over all that was taken, so that
    parts never drift by a cent. Taking more than the whole leaves nothing, less than nothing all.
    """
    gone = min(max(taken.amount_minor, 0), whole.amount_minor)
    share = (2 * base.amount_minor * gone + whole.amount_minor) // (2 * whole.amount_minor)
    return Money(base.amount_minor - share, base.currency)
