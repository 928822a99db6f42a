"""Fees and conversion, by example."""

from decimal import Decimal

import pytest

from processors.simulator.money.currencies import convert
from processors.simulator.money.fees import calculate_fee


@pytest.mark.parametrize(
    ("amount_minor", "percent", "fixed_minor", "fee_minor"),
    [
        (7500, "2.9", 30, 248),  # 247.5 goes up
        (7500, "2.6", 10, 205),
        (50, "2.9", 30, 31),  # 31.45 goes down
        (100, "0", 0, 0),
        (1, "2.9", 0, 0),
    ],
)
def test_a_fee_is_rounded_once_and_half_up(
    amount_minor: int, percent: str, fixed_minor: int, fee_minor: int
) -> None:
    fee = calculate_fee(amount_minor, percent=Decimal(percent), fixed_minor=fixed_minor)

    assert fee == fee_minor


def test_converting_to_yen_drops_the_decimal_places() -> None:
    assert convert(1000, "USD", "JPY") == 1515  # 10.00 at 151.515152
    assert convert(1515, "JPY", "USD") == 1000
