"""What can be paid at all. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from bookedbarber.foundation.money import Money, NotAnAmount, get_decimal_places

from ..errors import InvalidPaymentAmount, UnsupportedCurrency


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Major units; `maximum_by_currency` overrides `maximum`."""

    currencies: tuple[str, ...]
    minimum: Decimal
    maximum: Decimal
    maximum_by_currency: Mapping[str, Decimal]


def check_currency(currency: str, limits: Limits) -> str:
    """
    :raises UnsupportedCurrency: names the currencies that are supported.
    """
    if currency not in limits.currencies:
        supported = ", ".join(limits.currencies)
        raise UnsupportedCurrency(
            f"currency: {currency} is not supported; one of {supported} is", field="currency"
        )
    return currency


def check_amount(amount: Decimal, currency: str, limits: Limits) -> Money:
    """Read the amount of a sale.

    :raises UnsupportedCurrency: as `check_currency`.
    :raises InvalidPaymentAmount: too fine, below the minimum or above the maximum; names the limit.
    """
    check_currency(currency, limits)
    money = read_amount(amount, currency, field="amount")
    maximum = limits.maximum_by_currency.get(currency, limits.maximum)
    if not limits.minimum <= money.major <= maximum:
        raise InvalidPaymentAmount(
            f"amount: {money} is outside the limits of {limits.minimum} to {maximum} {currency}",
            field="amount",
            minimum=str(limits.minimum),
            maximum=str(maximum),
        )
    return money


def check_tip(tip: Decimal, amount: Money) -> Money:
    """Read the tip, which is part of the amount.

    :raises InvalidPaymentAmount: negative, too fine, or not less than the amount.
    """
    money = read_amount(tip, amount.currency, field="tip_amount")
    if not Money.zero(amount.currency) <= money < amount:
        raise InvalidPaymentAmount(
            f"tip_amount: {money} must be at least 0 and less than the amount, {amount}",
            field="tip_amount",
        )
    return money


def read_amount(amount: Decimal, currency: str, *, field: str) -> Money:
    """
    :raises InvalidPaymentAmount: not an exact amount of the currency; names the field.
    """
    try:
        return Money.from_major(amount, currency)
    except NotAnAmount as error:
        places = get_decimal_places(currency)
        raise InvalidPaymentAmount(
            f"{field}: {error}", field=field, decimal_places=places
        ) from error
