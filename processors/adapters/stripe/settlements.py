"""What an entry in Stripe's balance says of the movement that it is of: fee and conversion. Pure.

Money in a currency that the account does not hold is converted at once: the entry is in the
account's own currency, its fee included. Source:
https://docs.stripe.com/api/balance_transactions/object, https://docs.stripe.com/currencies/conversions
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bookedbarber.foundation.money import LARGEST_MINOR, Money
from processors.contract import Conversion
from processors.transport.answers import (
    check,
    get_amount_minor,
    get_currency,
    get_moment_of_seconds,
    get_text,
)


@dataclass(frozen=True, slots=True)
class Settlement:
    """`fee` is in the movement's currency; None where the entry does not tell it."""

    fee: Money | None = None
    available_at: datetime | None = None
    conversion: Conversion | None = None


# No entry is known yet.
UNSETTLED = Settlement()


def read_settlement(booked: Mapping[str, Any], amount: Money, *, least_fee: int = 0) -> Settlement:
    """Read the entry of a movement of this amount. `least_fee` is in minor units.

    A fee in another currency is the same share of the amount as it is of the entry's, so that
    both are of one currency; what was converted is what the two leave.

    :raises NotUnderstood: it does not say what it must.
    """
    fee = Money(get_amount_minor(booked, "fee", least=least_fee), get_currency(booked))
    available_at = get_moment_of_seconds(booked, "available_on")
    if fee.currency == amount.currency:
        return Settlement(fee, available_at)
    entry = Money(get_amount_minor(booked, "amount", least=-LARGEST_MINOR), fee.currency)
    if not entry:
        return Settlement(None, available_at)
    share = _share(fee, amount, entry)
    incoming = amount if entry.amount_minor > 0 else -amount
    conversion = Conversion(
        name=get_text(booked, "id"),
        taken=incoming - share,
        given=entry - fee,
        occurred_at=get_moment_of_seconds(booked, "created"),
        available_at=available_at,
    )
    return Settlement(share, available_at, conversion)


def _share(fee: Money, amount: Money, entry: Money) -> Money:
    """The fee in the amount's currency, rounded half up."""
    whole = abs(entry.amount_minor)
    doubled = 2 * abs(fee.amount_minor) * amount.amount_minor
    share_minor = (doubled + whole) // (2 * whole)
    check(share_minor <= LARGEST_MINOR, "balance_transaction.fee")
    return Money(share_minor if fee.amount_minor > 0 else -share_minor, amount.currency)
