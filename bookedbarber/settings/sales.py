"""Sales: currencies, amounts, commission, routes."""

from decimal import Decimal

from .variables import env

CURRENCIES = env.list("CURRENCIES", default=["USD", "AUD", "GBP", "CAD", "NZD"])
DEFAULT_CURRENCY = env.str("DEFAULT_CURRENCY", default="USD")
# Major units, for each sale.
PAYMENT_MINIMUM = env("PAYMENT_MINIMUM", cast=Decimal, default=Decimal("1.00"))
PAYMENT_MAXIMUM = env("PAYMENT_MAXIMUM", cast=Decimal, default=Decimal("2000.00"))
PAYMENT_MAXIMUM_BY_CURRENCY = {
    currency: Decimal(amount)
    for currency, amount in env.dict(
        "PAYMENT_MAXIMUM_BY_CURRENCY", default={"GBP": "1000.00"}
    ).items()
}
# Major units: a split sale's legs are at least what processors take as one payment.
SPLIT_LEG_MINIMUM = env("SPLIT_LEG_MINIMUM", cast=Decimal, default=Decimal("0.50"))
# Percent.
DEFAULT_COMMISSION_RATE = env("DEFAULT_COMMISSION_RATE", cast=Decimal, default=Decimal(20))
ROUTING_CACHE_SECONDS = env.int("ROUTING_CACHE_SECONDS", default=3600)
