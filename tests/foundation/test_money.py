from contextlib import suppress
from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bookedbarber.foundation.money import (
    DECIMAL_PLACES,
    LARGEST_MINOR,
    CurrencyMismatch,
    Money,
    NotAnAmount,
    UnknownCurrency,
    allocate,
    parse_number,
    total,
)

currencies = st.sampled_from(sorted(DECIMAL_PLACES))
minors = st.integers(-LARGEST_MINOR, LARGEST_MINOR)
rates = st.decimals(0, 100, places=4)


@given(minors, currencies)
def test_what_is_written_is_read_back_exactly(minor: int, currency: str) -> None:
    money = Money(minor, currency)

    assert Money.parse(str(money.major), currency) == money
    assert str(money) == f"{money.major} {currency}"


@given(minors, currencies)
def test_text_has_as_many_decimals_as_the_currency(minor: int, currency: str) -> None:
    _, _, decimals = str(Money(minor, currency).major).partition(".")

    assert len(decimals) == DECIMAL_PLACES[currency]


@given(minors, rates)
def test_a_percentage_is_rounded_half_up_away_from_zero(minor: int, rate: Decimal) -> None:
    share = Money(minor, "USD").percent(rate)

    numerator = minor * int(rate.scaleb(4))
    expected = (2 * abs(numerator) + 1_000_000) // 2_000_000
    assert share.amount_minor == (expected if numerator >= 0 else -expected)


@pytest.mark.parametrize(
    ("minor", "rate", "share"),
    [
        (75_00, "20", 15_00),
        (75_00, "2.9", 2_18),  # 217.5
        (25, "50", 13),  # 12.5
        (-25, "50", -13),
        (24, "2", 0),  # 0.48
        (1, "50", 1),
        (1, "49.9999", 0),
    ],
)
def test_percentages_that_people_check_by_hand(minor: int, rate: str, share: int) -> None:
    assert Money(minor, "USD").percent(Decimal(rate)) == Money(share, "USD")


@given(minors, st.lists(st.integers(0, 10**6), min_size=1, max_size=12).filter(any))
def test_shares_sum_to_the_whole_and_none_is_a_cent_off(minor: int, weights: list[int]) -> None:
    whole = Money(minor, "USD")

    shares = allocate(whole, weights)

    assert total(shares, "USD") == whole
    for share, weight in zip(shares, weights, strict=True):
        assert abs(share.amount_minor * sum(weights) - minor * weight) < sum(weights)
        assert weight or not share


def test_cents_left_over_go_to_the_largest_remainders_earlier_first() -> None:
    assert allocate(Money(100, "USD"), [1, 1, 1]) == [
        Money(34, "USD"),
        Money(33, "USD"),
        Money(33, "USD"),
    ]
    assert allocate(Money(10, "JPY"), [1, 8, 4]) == [
        Money(1, "JPY"),
        Money(6, "JPY"),
        Money(3, "JPY"),
    ]


@pytest.mark.parametrize("weights", [[], [0], [0, 0], [1, -1], [-1]])
def test_shares_without_a_positive_weight_make_no_sense(weights: list[int]) -> None:
    with pytest.raises(ValueError, match="weights"):
        allocate(Money(100, "USD"), weights)


@pytest.mark.parametrize(
    "text",
    [
        "abc",
        "",
        " ",
        "NaN",
        "-NaN",
        "sNaN",
        "Infinity",
        "-inf",
        "75.005",
        "75,00",
        "1_000",
        " 75",
        "75 ",
        "٧٥",  # Arabic digits
        "0x10",
        "--1",
        "1e",
        "75.00000000000000000000000000000000000001",
        "1e-3",
        "1e9999",
        "1e99999999999999999999",
        "1e-99999999999999999999",
        "10000000000000.01",
        "9" * 5000,
    ],
)
def test_what_is_not_an_exact_amount_is_refused(text: str) -> None:
    with pytest.raises(NotAnAmount):
        Money.parse(text, "USD")


@pytest.mark.parametrize(
    ("text", "minor"),
    [
        ("75", 75_00),
        ("75.5", 75_50),
        ("-5", -5_00),
        ("1e3", 1000_00),
        ("+.5", 50),
        ("75.0000", 75_00),
    ],
)
def test_other_ways_to_write_an_exact_amount(text: str, minor: int) -> None:
    assert Money.parse(text, "USD") == Money(minor, "USD")


def test_yen_have_no_decimals() -> None:
    assert Money.parse("75", "JPY") == Money(75, "JPY")
    with pytest.raises(NotAnAmount, match="JPY has 0 decimal places"):
        Money.parse("75.5", "JPY")


@pytest.mark.parametrize("number", [Decimal("NaN"), Decimal("sNaN"), Decimal("Infinity")])
def test_a_decimal_that_is_no_number_is_refused(number: Decimal) -> None:
    with pytest.raises(NotAnAmount):
        Money.from_major(number, "USD")


@given(st.text(max_size=30))
def test_any_text_is_a_number_or_is_refused_by_name(text: str) -> None:
    with suppress(NotAnAmount):
        assert parse_number(text).is_finite()


@given(st.decimals(allow_nan=False, allow_infinity=False))
def test_any_number_is_an_exact_amount_or_is_refused(number: Decimal) -> None:
    try:
        money = Money.from_major(number, "USD")
    except NotAnAmount:
        assert (
            number != number.quantize(Decimal("0.01"), ROUND_HALF_UP)
            if abs(number) <= LARGEST_MINOR // 100
            else True
        )
    else:
        assert money.major == number


@pytest.mark.parametrize("currency", ["XXX", "usd", "", "US"])
def test_unknown_currencies_are_refused(currency: str) -> None:
    with pytest.raises(UnknownCurrency):
        Money.parse("1.00", currency)


@given(minors, minors)
def test_sums_and_differences_undo_each_other(one: int, other: int) -> None:
    first, second = Money(one, "USD"), Money(other, "USD")

    assert first + second - second == first
    assert first - second == -(second - first)
    assert (first < second) == (one < other)
    assert (first >= second) == (one >= other)


def test_two_currencies_do_not_mix() -> None:
    dollars, pounds = Money(1, "USD"), Money(1, "GBP")

    for combine in (
        lambda: dollars + pounds,
        lambda: dollars - pounds,
        lambda: dollars < pounds,
        lambda: dollars <= pounds,
        lambda: dollars > pounds,
        lambda: dollars >= pounds,
        lambda: total([dollars, pounds], "USD"),
    ):
        with pytest.raises(CurrencyMismatch):
            combine()
    assert dollars != pounds


def test_nothing_sums_to_nothing() -> None:
    assert total([], "USD") == Money.zero("USD")
    assert not Money.zero("USD")
    assert Money(-1, "USD")
