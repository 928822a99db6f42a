"""What a charge is worth on the account: in which currency it settles, and less which fee."""

from dataclasses import dataclass
from decimal import Decimal

from processors.simulator.accounts import Account
from processors.simulator.money.currencies import convert, get_rate
from processors.simulator.money.fees import calculate_fee

# https://stripe.com/pricing/local-payment-methods: ACH Direct Debit, at most 5.00.
_DEBIT_PERCENT = Decimal("0.8")
_MOST_OF_A_DEBIT_MINOR = 500


@dataclass(frozen=True, slots=True)
class Settlement:
    """Minor units of `currency`; `exchange_rate` only when the charge was in another one."""

    currency: str
    amount_minor: int
    fee_minor: int
    exchange_rate: str | None


def settle_charge(account: Account, amount_minor: int, currency: str) -> Settlement:
    converted = settle_without_fee(account, amount_minor, currency)
    fee_minor = calculate_fee(
        converted.amount_minor, percent=account.fee_percent, fixed_minor=account.fee_fixed_minor
    )
    return Settlement(
        converted.currency, converted.amount_minor, fee_minor, converted.exchange_rate
    )


def settle_debit(account: Account, amount_minor: int, currency: str) -> Settlement:
    """As a charge, at Stripe's price of a bank debit."""
    converted = settle_without_fee(account, amount_minor, currency)
    fee_minor = calculate_fee(converted.amount_minor, percent=_DEBIT_PERCENT, fixed_minor=0)
    return Settlement(
        converted.currency,
        converted.amount_minor,
        min(fee_minor, _MOST_OF_A_DEBIT_MINOR),
        converted.exchange_rate,
    )


def settle_without_fee(account: Account, amount_minor: int, currency: str) -> Settlement:
    """For refunds and all else but sales; negative amounts are rounded as positive ones.

    Neither vendor gives the fee of a sale back with its refund, nor takes one.
    """
    if currency in account.currencies:
        return Settlement(currency, amount_minor, 0, None)
    target = account.default_currency
    rate = str(get_rate(currency, target))
    return Settlement(target, convert(amount_minor, currency, target), 0, rate)
