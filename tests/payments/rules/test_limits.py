"""What can be paid at all; the limits are those of the settings' defaults."""

from decimal import Decimal

import pytest

from bookedbarber.foundation.money import Money
from payments.errors import InvalidPaymentAmount, UnsupportedCurrency
from payments.rules.limits import Limits, check_amount, check_currency, check_tip, read_amount

LIMITS = Limits(
    currencies=("USD", "AUD", "GBP", "CAD", "NZD"),
    minimum=Decimal("1.00"),
    maximum=Decimal("2000.00"),
    maximum_by_currency={"GBP": Decimal("1000.00")},
)


@pytest.mark.parametrize(
    ("amount", "currency", "minor"),
    [
        ("1", "USD", 1_00),
        ("1.00", "USD", 1_00),
        ("75", "CAD", 75_00),
        ("75.000", "AUD", 75_00),
        ("2e3", "USD", 2000_00),
        ("2000.00", "NZD", 2000_00),
        ("1000.00", "GBP", 1000_00),
    ],
)
def test_amounts_within_the_limits(amount: str, currency: str, minor: int) -> None:
    assert check_amount(Decimal(amount), currency, LIMITS) == Money(minor, currency)


@pytest.mark.parametrize(
    ("amount", "currency", "said"),
    [
        ("0", "USD", "0.00 USD is outside the limits of 1.00 to 2000.00 USD"),
        ("-5", "USD", "-5.00 USD is outside the limits of 1.00 to 2000.00 USD"),
        ("0.99", "USD", "0.99 USD is outside the limits of 1.00 to 2000.00 USD"),
        ("2000.01", "USD", "2000.01 USD is outside the limits of 1.00 to 2000.00 USD"),
        ("1000.01", "GBP", "1000.01 GBP is outside the limits of 1.00 to 1000.00 GBP"),
        ("1e9", "USD", "1000000000.00 USD is outside the limits of 1.00 to 2000.00 USD"),
        ("75.005", "USD", "USD has 2 decimal places"),
        ("75." + "0" * 27 + "1", "USD", "USD has 2 decimal places"),
        ("1e400", "USD", "amount is out of range"),
        ("NaN", "USD", "NaN is not a number"),
        ("sNaN", "USD", "sNaN is not a number"),
        ("Infinity", "USD", "Infinity is not a number"),
        ("-Infinity", "USD", "-Infinity is not a number"),
    ],
)
def test_amounts_outside_name_the_field_and_the_limit(
    amount: str, currency: str, said: str
) -> None:
    with pytest.raises(InvalidPaymentAmount) as raised:
        check_amount(Decimal(amount), currency, LIMITS)

    assert raised.value.message == f"amount: {said}"
    assert raised.value.details["field"] == "amount"


def test_the_limits_are_in_the_details_for_programs() -> None:
    with pytest.raises(InvalidPaymentAmount) as raised:
        check_amount(Decimal("1000.01"), "GBP", LIMITS)

    assert (raised.value.details["minimum"], raised.value.details["maximum"]) == ("1.00", "1000.00")


@pytest.mark.parametrize("currency", ["EUR", "XXX", "JPY", "usd", "", "U$D"])
def test_other_currencies_are_refused_by_name(currency: str) -> None:
    with pytest.raises(UnsupportedCurrency, match="USD, AUD, GBP, CAD, NZD") as raised:
        check_amount(Decimal(75), currency, LIMITS)

    assert raised.value.details == {"field": "currency"}


def test_a_supported_currency_passes() -> None:
    assert check_currency("CAD", LIMITS) == "CAD"


PRICE = Money(75_00, "USD")


@pytest.mark.parametrize(("tip", "minor"), [("0", 0), ("0.01", 1), ("74.99", 74_99)])
def test_a_tip_is_part_of_the_amount(tip: str, minor: int) -> None:
    assert check_tip(Decimal(tip), PRICE) == Money(minor, "USD")


@pytest.mark.parametrize("tip", ["-0.01", "75.00", "75.01", "0.001", "NaN", "1e9"])
def test_a_tip_that_cannot_be_names_its_field(tip: str) -> None:
    with pytest.raises(InvalidPaymentAmount, match=r"^tip_amount: ") as raised:
        check_tip(Decimal(tip), PRICE)

    assert raised.value.details["field"] == "tip_amount"


def test_reading_an_amount_names_the_field_it_was_in() -> None:
    with pytest.raises(InvalidPaymentAmount, match=r"^min_external_amount: USD has 2") as raised:
        read_amount(Decimal("0.001"), "USD", field="min_external_amount")

    assert raised.value.details == {"field": "min_external_amount", "decimal_places": 2}
