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
