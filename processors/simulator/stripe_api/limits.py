"""Which amounts and currencies an account may charge."""

from processors.simulator.accounts import Account
from processors.simulator.money.currencies import CURRENCIES, format_amount
from processors.simulator.stripe_api.errors import StripeError, invalid

_HIGHEST_AMOUNT = 99_999_999


def check_amount(account: Account, amount_minor: int, currency: str) -> None:
    """:raises StripeError: 400 for an unknown currency, or an amount out of Stripe's bounds."""
    check_currency(currency)
    code = currency.upper()
    if amount_minor < 1:
        message = "This value must be greater than or equal to 1."
        raise invalid(message, code="parameter_invalid_integer", param="amount")
    minimum_minor = account.minimum_minor or CURRENCIES[code].minimum_minor
    if amount_minor < minimum_minor:
        message = f"Amount must be at least {format_amount(minimum_minor, code)}"
        raise invalid(message, code="amount_too_small", param="amount")
    if amount_minor > _HIGHEST_AMOUNT:
        message = f"Amount must be no more than {format_amount(_HIGHEST_AMOUNT, code)}"
        raise invalid(message, code="amount_too_large", param="amount")


def check_currency(currency: str) -> None:
    """:raises StripeError: 400, the simulator does not know it."""
    if currency.upper() not in CURRENCIES:
        supported = ", ".join(each.lower() for each in CURRENCIES)
        raise invalid(
            f"Invalid currency: {currency}. Stripe currently supports these currencies: "
            f"{supported}",
            param="currency",
        )


def check_charges_enabled(account: Account) -> None:
    if not account.charges_enabled:
        raise StripeError(400, "Your account cannot currently make charges.", executed=True)
