"""What holds of every route, whatever the facts."""

import random
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from hypothesis import assume, given
from hypothesis import strategies as st

from bookedbarber.foundation.money import Money
from payments.errors import PaymentRoutingFailed
from payments.rules.commission import CommissionTerms
from payments.rules.fees import FeeTerms, estimate_processing_fee
from payments.rules.routing import Account, Reason, Route, RoutingFacts, Terms, decide_route
from payments.states import ClientPreference, Decision, Mode

from .facts import SPRING

CURRENCIES = ("USD", "GBP", "CAD")
PROCESSORS = ("square", "stripe")

fees = st.builds(
    FeeTerms,
    st.decimals(0, 5, places=2),
    st.integers(0, 60),
)


def accounts(connection_id: int, *, is_platform: bool) -> st.SearchStrategy[Account]:
    mostly = st.sampled_from([True, True, True, False])
    return st.builds(
        Account,
        connection_id=st.just(connection_id),
        processor=st.sampled_from(PROCESSORS),
        name=st.just(f"Account {connection_id}"),
        is_platform=st.just(is_platform),
        is_connected=mostly,
        is_disabled=mostly.map(lambda usual: not usual),
        takes_payments=mostly,
        currencies=st.lists(st.sampled_from(CURRENCIES), min_size=1, unique=True).map(tuple),
        fees=fees,
        connected_at=st.integers(0, 3).map(lambda days: SPRING + timedelta(days=days)),
    )


all_accounts = st.tuples(
    st.lists(accounts(1, is_platform=True), max_size=1),
    st.integers(0, 3).flatmap(
        lambda many: st.tuples(*(accounts(5 + number, is_platform=False) for number in range(many)))
    ),
).map(lambda both: (*both[0], *both[1]))

limits = st.one_of(st.none(), st.integers(1, 300_00))
terms = st.builds(
    Terms,
    mode=st.sampled_from(Mode),
    commission=st.just(CommissionTerms(rate=Decimal(20))),
    currency=st.sampled_from(CURRENCIES),
    min_external_minor=limits,
    max_platform_minor=limits,
    fallback_enabled=st.booleans(),
    preferred_processor=st.sampled_from(["", *PROCESSORS]),
)
amounts = st.builds(Money, st.integers(1_00, 2000_00), st.sampled_from(CURRENCIES))
preferences = st.one_of(st.none(), st.sampled_from(ClientPreference))
facts = st.builds(
    RoutingFacts,
    terms=terms,
    accounts=all_accounts,
    amount=amounts,
    preference=preferences,
    tokens_for=st.one_of(st.none(), st.frozensets(st.sampled_from([1, 5, 6, 7]))),
)


def usable(connection_id: int, *, is_platform: bool) -> st.SearchStrategy[Account]:
    return accounts(connection_id, is_platform=is_platform).map(
        lambda account: replace(
            account,
            is_connected=True,
            is_disabled=False,
            takes_payments=True,
            currencies=CURRENCIES,
        )
    )


# A hybrid barber with two accounts that can both take the payment.
working = st.builds(
    RoutingFacts,
    terms=terms.map(lambda some: replace(some, mode=Mode.HYBRID)),
    accounts=st.tuples(usable(1, is_platform=True), usable(9, is_platform=False)),
    amount=amounts,
    preference=preferences,
)


def find_route(known: RoutingFacts) -> Route | None:
    try:
        return decide_route(known)
    except PaymentRoutingFailed:
        return None


def is_usable(account: Account, known: RoutingFacts) -> bool:
    return (
        account.is_connected
        and not account.is_disabled
        and account.takes_payments
        and known.amount.currency in account.currencies
        and (known.tokens_for is None or account.connection_id in known.tokens_for)
    )


@given(facts)
def test_a_decision_never_names_an_unusable_account(known: RoutingFacts) -> None:
    route = find_route(known)

    if route is None:
        return  # a refusal names no account
    assert is_usable(route.account, known)
    assert [found.is_usable for found in route.candidates] == [
        is_usable(account, known) for account in known.accounts
    ]


@given(facts, st.randoms(use_true_random=False))
def test_equal_facts_give_equal_routes_in_whatever_order(
    known: RoutingFacts, shuffler: random.Random
) -> None:
    shuffled = shuffler.sample(known.accounts, len(known.accounts))
    first, again = find_route(known), find_route(known)
    other = find_route(replace(known, accounts=tuple(shuffled)))

    assert first == again
    assert (first and (first.decision, first.account, first.reason)) == (
        other and (other.decision, other.account, other.reason)
    )


@given(facts)
def test_the_decision_says_whose_account_it_is(known: RoutingFacts) -> None:
    route = find_route(known)

    if route is None:
        return  # a refusal names no account
    assert route.account.is_platform is (route.decision != Decision.EXTERNAL)
    assert route.account.name in route.explanation


@given(facts)
def test_centralized_is_never_external_and_decentralized_never_central(
    known: RoutingFacts,
) -> None:
    route = find_route(known)
    possible = {
        Mode.CENTRALIZED: {Decision.CENTRALIZED},
        Mode.DECENTRALIZED: {Decision.EXTERNAL, Decision.FALLBACK},
        Mode.HYBRID: set(Decision),
    }

    assert route is None or route.decision in possible[known.terms.mode]


@given(facts)
def test_a_fallback_means_that_no_own_account_is_usable(known: RoutingFacts) -> None:
    route = find_route(known)
    own = [account for account in known.accounts if not account.is_platform]

    if route is not None and route.decision == Decision.FALLBACK:
        assert not any(is_usable(account, known) for account in own)
        assert known.terms.mode == Mode.HYBRID or known.terms.fallback_enabled


@given(facts)
def test_thresholds_count_in_their_own_currency_only(known: RoutingFacts) -> None:
    assume(known.amount.currency != known.terms.currency)
    route = find_route(known)
    without = find_route(
        replace(
            known,
            terms=replace(known.terms, min_external_minor=None, max_platform_minor=None),
        )
    )

    assert (route and route.account) == (without and without.account)


@given(working)
def test_a_possible_preference_decides_in_hybrid_mode(known: RoutingFacts) -> None:
    route = decide_route(known)

    if known.preference is not None:
        wants_platform = known.preference == ClientPreference.PLATFORM
        assert route.reason == Reason.CLIENT_PREFERENCE
        assert route.account.is_platform is wants_platform


@given(working)
def test_thresholds_decide_where_nobody_prefers(known: RoutingFacts) -> None:
    terms = replace(
        known.terms,
        currency=known.amount.currency,
        min_external_minor=50_00,
        max_platform_minor=100_00,
    )
    route = decide_route(replace(known, preference=None, terms=terms))

    if known.amount.amount_minor < 50_00:
        assert route.decision == Decision.CENTRALIZED
    if known.amount.amount_minor > 100_00:
        assert route.decision == Decision.EXTERNAL


@given(working)
def test_between_the_thresholds_the_dearer_account_never_wins(known: RoutingFacts) -> None:
    terms = replace(known.terms, min_external_minor=None, max_platform_minor=None)
    route = decide_route(replace(known, preference=None, terms=terms))

    paid = estimate_processing_fee(known.amount, route.account.fees)
    assert paid == min(
        estimate_processing_fee(known.amount, account.fees) for account in known.accounts
    )


@given(working)
def test_hybrid_takes_what_the_platform_can_take(known: RoutingFacts) -> None:
    platform, _ = known.accounts

    assert find_route(replace(known, accounts=(platform,))) is not None
