"""The platform's share: what it is taken of, and how much it is."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bookedbarber.foundation.money import Money
from payments.rules.commission import (
    CommissionTerms,
    calculate_base,
    calculate_base_left,
    calculate_commission,
)
from processors.contract import PaymentMethodKind as Method

USUAL = CommissionTerms(rate=Decimal(20))
ON_TIPS = CommissionTerms(rate=Decimal(20), on_tips=True)
ON_CASH = CommissionTerms(rate=Decimal(20), on_cash=True)


def usd(minor: int) -> Money:
    return Money(minor, "USD")


@pytest.mark.parametrize(
    ("base_minor", "rate", "commission_minor"),
    [
        (75_00, "20", 15_00),
        (5, "10", 1),  # half a cent goes up
        (4, "10", 0),
        (75_00, "0", 0),
        (75_00, "100", 75_00),
        (75_00, "12.3456", 9_26),
        (0, "20", 0),
    ],
)
def test_the_rate_is_a_percentage_rounded_half_up(
    base_minor: int, rate: str, commission_minor: int
) -> None:
    commission = calculate_commission(Money(base_minor, "USD"), Decimal(rate))

    assert commission == Money(commission_minor, "USD")


@pytest.mark.parametrize(
    ("terms", "method", "base_minor"),
    [
        (USUAL, Method.CARD, 60_00),
        (USUAL, Method.WALLET, 60_00),
        (USUAL, Method.BANK, 60_00),
        (USUAL, Method.OTHER, 60_00),
        (USUAL, Method.CASH, 0),
        (USUAL, Method.EXTERNAL, 0),
        (ON_TIPS, Method.CARD, 75_00),
        (ON_TIPS, Method.CASH, 0),
        (ON_CASH, Method.CASH, 60_00),
        (ON_CASH, Method.EXTERNAL, 0),
        (CommissionTerms(rate=Decimal(20), on_tips=True, on_cash=True), Method.CASH, 75_00),
    ],
)
def test_what_bears_commission(terms: CommissionTerms, method: Method, base_minor: int) -> None:
    base = calculate_base(Money(75_00, "USD"), Money(15_00, "USD"), terms, method)

    assert base == Money(base_minor, "USD")


@given(
    st.integers(0, 2000_00),
    st.decimals(0, 100, places=4),
    st.booleans(),
    st.booleans(),
    st.sampled_from(Method),
    st.data(),
)
def test_commission_is_never_more_than_the_sale(
    amount_minor: int,
    rate: Decimal,
    on_tips: bool,
    on_cash: bool,
    method: Method,
    data: st.DataObject,
) -> None:
    amount = Money(amount_minor, "USD")
    tip = Money(data.draw(st.integers(0, amount_minor)), "USD")
    terms = CommissionTerms(rate=rate, on_tips=on_tips, on_cash=on_cash)

    base = calculate_base(amount, tip, terms, method)

    assert Money.zero("USD") <= calculate_commission(base, rate) <= base <= amount


@pytest.mark.parametrize(
    ("base", "whole", "taken", "left"),
    [
        (75_00, 75_00, 30_00, 45_00),
        (50_00, 60_00, 60_00, 0),
        (50_00, 60_00, 30_00, 25_00),
        # The share that is gone is rounded half up: 0.5 cents of 1 are 1.
        (1, 2, 1, 0),
        (10, 15, 5, 7),
        (75_00, 75_00, 0, 75_00),
        (75_00, 75_00, 80_00, 0),
        (75_00, 75_00, -10_00, 75_00),
    ],
)
def test_what_is_left_of_a_base(base: int, whole: int, taken: int, left: int) -> None:
    found = calculate_base_left(Money(base, "USD"), whole=usd(whole), taken=usd(taken))

    assert found == usd(left)


@given(st.integers(1, 2000_00), st.data())
def test_what_is_left_only_shrinks_and_ends_at_nothing(whole: int, data: st.DataObject) -> None:
    base = usd(data.draw(st.integers(0, whole)))
    less, more = sorted(data.draw(st.tuples(st.integers(0, whole), st.integers(0, whole))))

    left = [calculate_base_left(base, whole=usd(whole), taken=usd(t)) for t in (less, more)]

    assert usd(0) <= left[1] <= left[0] <= base
    assert calculate_base_left(base, whole=usd(whole), taken=usd(whole)) == usd(0)
