"""Expected fees."""

from decimal import Decimal

import pytest

from bookedbarber.foundation.money import Money
from payments.rules.fees import FeeTerms, estimate_processing_fee

STRIPE = FeeTerms(Decimal("2.9"), 30)
SQUARE = FeeTerms(Decimal("2.6"), 10)


@pytest.mark.parametrize(
    ("amount_minor", "terms", "fee_minor"),
    [
        (75_00, STRIPE, 2_48),  # 2.175 + 0.30: the half goes up, once
        (75_00, SQUARE, 2_05),
        (1_00, STRIPE, 33),
        (50_00, STRIPE, 1_75),
        (2000_00, SQUARE, 52_10),
        (75_00, FeeTerms(Decimal(0), 0), 0),
        (75_00, FeeTerms(Decimal(0), 30), 30),
    ],
)
def test_a_percentage_and_a_fixed_part(amount_minor: int, terms: FeeTerms, fee_minor: int) -> None:
    assert estimate_processing_fee(Money(amount_minor, "USD"), terms) == Money(fee_minor, "USD")


def test_the_fee_is_in_the_currency_of_the_sale() -> None:
    assert estimate_processing_fee(Money(75_00, "GBP"), STRIPE).currency == "GBP"
