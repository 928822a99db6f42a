"""The currencies the simulator knows: decimal places, Stripe's minimum charge, a fixed rate.

Minimum amounts are those of https://docs.stripe.com/currencies#minimum-and-maximum-charge-amounts.
Rates are made up but never change, so that a test can predict a converted amount.
"""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal


@dataclass(frozen=True, slots=True)
class Currency:
    """`minimum_minor` in the currency's own minor units; `usd_rate`: US dollars for one unit."""

    code: str
    decimal_places: int
    minimum_minor: int
    usd_rate: Decimal


def _currency(code: str, places: int, minimum_minor: int, usd_rate: str) -> Currency:
    return Currency(code, places, minimum_minor, Decimal(usd_rate))


CURRENCIES = {
    currency.code: currency
    for currency in (
        _currency("USD", 2, 50, "1"),
        _currency("AED", 2, 200, "0.2723"),
        _currency("AUD", 2, 50, "0.66"),
        _currency("BRL", 2, 50, "0.18"),
        _currency("CAD", 2, 50, "0.73"),
        _currency("CHF", 2, 50, "1.12"),
        _currency("CZK", 2, 1500, "0.043"),
        _currency("DKK", 2, 250, "0.145"),
        _currency("EUR", 2, 50, "1.08"),
        _currency("GBP", 2, 30, "1.27"),
        _currency("HKD", 2, 400, "0.128"),
        _currency("HUF", 2, 17500, "0.0027"),
        _currency("INR", 2, 50, "0.012"),
        _currency("JPY", 0, 50, "0.0066"),
        _currency("KRW", 0, 100, "0.00073"),
        _currency("MXN", 2, 1000, "0.055"),
        _currency("MYR", 2, 200, "0.22"),
        _currency("NOK", 2, 300, "0.094"),
        _currency("NZD", 2, 50, "0.61"),
        _currency("PLN", 2, 200, "0.25"),
        _currency("RON", 2, 200, "0.22"),
        _currency("SEK", 2, 300, "0.096"),
        _currency("SGD", 2, 50, "0.75"),
        _currency("THB", 2, 1000, "0.029"),
    )
}

_RATE_PLACES = Decimal("0.000001")


def get_rate(source: str, target: str) -> Decimal:
    """How many units of `target` one unit of `source` buys, to six places."""
    rate = CURRENCIES[source].usd_rate / CURRENCIES[target].usd_rate
    return rate.quantize(_RATE_PLACES)


def convert(amount_minor: int, source: str, target: str) -> int:
    """`amount_minor` of `source` in minor units of `target`, rounded half up."""
    shift = CURRENCIES[target].decimal_places - CURRENCIES[source].decimal_places
    converted = (Decimal(amount_minor) * get_rate(source, target)).scaleb(shift)
    return int(converted.quantize(Decimal(1), ROUND_HALF_UP))


def format_amount(amount_minor: int, code: str) -> str:
    """For people: `75.00 USD`."""
    return f"{Decimal(amount_minor).scaleb(-CURRENCIES[code].decimal_places):f} {code}"
