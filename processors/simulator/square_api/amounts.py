"""Square's money objects."""

from processors.simulator.accounts import Account
from processors.simulator.messages import Json
from processors.simulator.money.currencies import CURRENCIES
from processors.simulator.square_api.errors import SquareError

_HIGHEST_AMOUNT = 99_999_999


def money(amount_minor: int, currency: str) -> Json:
    return {"amount": amount_minor, "currency": currency}


def read_amount(given: Json, field: str, currency: str, *, lowest: int = 1) -> int:
    """The minor units of a money field that must be in `currency`.

    :raises SquareError: 400 for a missing part, another currency, or an amount out of bounds.
    """
    amount = given.get(field) or {}
    if amount.get("amount") is None:
        detail = f"Field must be set: {field}.amount"
        name = f"{field}.amount"
        raise SquareError(400, "MISSING_REQUIRED_PARAMETER", detail, field=name)
    _check_currency(amount.get("currency"), field, currency)
    amount_minor: int = amount["amount"]
    if amount_minor < lowest:
        detail = f"`{field}.amount` must be greater than or equal to {lowest}."
        raise SquareError(400, "VALUE_TOO_LOW", detail, field=f"{field}.amount")
    if amount_minor > _HIGHEST_AMOUNT:
        detail = f"`{field}.amount` must be less than or equal to {_HIGHEST_AMOUNT}."
        raise SquareError(400, "VALUE_TOO_HIGH", detail, field=f"{field}.amount")
    return amount_minor


def _check_currency(given: str | None, field: str, currency: str) -> None:
    name = f"{field}.currency"
    if not given:
        detail = f"Field must be set: {name}"
        raise SquareError(400, "MISSING_REQUIRED_PARAMETER", detail, field=name)
    if given not in CURRENCIES:
        detail = f"`{given}` is not a valid enum value for `{name}`."
        raise SquareError(400, "INVALID_ENUM_VALUE", detail, field=name)
    if given != currency:
        detail = f"The location takes {currency}, not {given}."
        raise SquareError(400, "CURRENCY_MISMATCH", detail, field=name)


def check_minimum(account: Account, amount_minor: int) -> None:
    if account.minimum_minor and amount_minor < account.minimum_minor:
        detail = f"The amount must be at least {account.minimum_minor}."
        raise SquareError(400, "AMOUNT_TOO_LOW", detail, field="amount_money.amount")
