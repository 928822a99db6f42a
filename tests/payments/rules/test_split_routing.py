"""From the split threshold up a hybrid sale is two legs, or the barber's alone."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import assume
from hypothesis import given as whatever
from hypothesis import strategies as st

from bookedbarber.foundation.money import Money
from payments.rules.commission import CommissionTerms
from payments.rules.routing import Reason, decide_route
from payments.rules.splits import divide_sale, find_split_obstacle
from payments.states import ClientPreference, Decision, Mode
from tests.payments.rules.facts import HYBRID, PLATFORM, SQUARE, given

SPLIT = replace(HYBRID, split_threshold_minor=200_00)


def usd(minor):
    return Money(minor, "USD")


def test_from_the_threshold_up_the_commission_is_a_leg_of_its_own():
    route = decide_route(given(SPLIT, amount=usd(200_00)))

    assert (route.decision, route.reason) == (Decision.SPLIT, Reason.ABOVE_SPLIT_THRESHOLD)
    assert route.list_legs(usd(200_00)) == [(SQUARE, usd(160_00)), (PLATFORM, usd(40_00))]
    assert "40.00 USD on BookedBarber" in route.explanation


def test_below_the_threshold_a_sale_stays_whole():
    route = decide_route(given(SPLIT, amount=usd(199_99)))

    assert (route.decision, route.commission_leg) == (Decision.EXTERNAL, None)


def test_the_tip_goes_to_the_barber_whole():
    route = decide_route(given(SPLIT, amount=usd(230_00), tip=usd(30_00)))

    assert route.list_legs(usd(230_00)) == [(SQUARE, usd(190_00)), (PLATFORM, usd(40_00))]


def test_a_possible_preference_of_the_client_wins_over_splitting():
    route = decide_route(given(SPLIT, amount=usd(250_00), preference=ClientPreference.PLATFORM))

    assert (route.decision, route.commission_leg) == (Decision.CENTRALIZED, None)


@pytest.mark.parametrize("mode", [Mode.CENTRALIZED, Mode.DECENTRALIZED])
def test_only_hybrid_sales_are_split(mode):
    route = decide_route(given(replace(SPLIT, mode=mode), amount=usd(250_00)))

    assert route.commission_leg is None


def test_another_currency_than_the_thresholds_is_not_split():
    square = replace(SQUARE, currencies=("USD", "GBP"))
    route = decide_route(given(SPLIT, PLATFORM, square, amount=Money(250_00, "GBP")))

    assert route.commission_leg is None


IMPOSSIBLE = {
    "the commission is below what can be charged": {
        "terms": replace(SPLIT, commission=CommissionTerms(rate=Decimal("0.2"))),
        "why": "the commission of 0.40 USD is below 0.50 USD",
    },
    "there is no commission": {
        "terms": replace(SPLIT, commission=CommissionTerms(rate=Decimal(0))),
        "why": "the commission of 0.00 USD is below 0.50 USD",
    },
    "everything is commission": {
        "terms": replace(SPLIT, commission=CommissionTerms(rate=Decimal(100))),
        "why": "the barber's share of 0.00 USD is below 0.50 USD",
    },
    "the payer has no token for the platform": {
        "tokens_for": frozenset({SQUARE.connection_id}),
        "why": "the platform's account cannot take its part",
    },
}


@pytest.mark.parametrize("case", IMPOSSIBLE.values(), ids=IMPOSSIBLE.keys())
def test_what_cannot_be_split_goes_to_the_barber(case):
    terms = case.get("terms", SPLIT)
    route = decide_route(given(terms, amount=usd(200_00), tokens_for=case.get("tokens_for")))

    assert (route.decision, route.reason) == (Decision.EXTERNAL, Reason.SPLIT_NOT_POSSIBLE)
    assert case["why"] in route.explanation


def test_without_an_account_of_the_barber_the_platform_takes_all():
    route = decide_route(given(SPLIT, PLATFORM, amount=usd(200_00)))

    assert (route.decision, route.reason) == (Decision.FALLBACK, Reason.NO_USABLE_CONNECTION)
    assert route.commission_leg is None


@whatever(
    amount=st.integers(1_00, 2000_00),
    tip=st.integers(0, 300_00),
    rate=st.decimals(0, 100, places=4),
    on_tips=st.booleans(),
)
def test_the_legs_are_the_sale_to_the_cent(amount, tip, rate, on_tips):
    assume(tip < amount)
    shares = divide_sale(usd(amount), usd(tip), CommissionTerms(rate=rate, on_tips=on_tips))

    assert shares.commission + shares.remainder == usd(amount)
    if not find_split_obstacle(shares, usd(tip), usd(50)):
        assert min(shares.commission, shares.remainder) >= usd(50)
        assert shares.remainder > usd(tip)
