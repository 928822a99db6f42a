"""Where a payment goes: one line for each fact that changes the answer."""

from dataclasses import replace
from decimal import Decimal

import pytest

from bookedbarber.foundation.money import Money
from payments.errors import PaymentRoutingFailed
from payments.rules.fees import FeeTerms
from payments.rules.routing import (
    Account,
    Obstacle,
    Reason,
    RoutingFacts,
    decide_route,
    find_fallback,
    judge_accounts,
)
from payments.states import ClientPreference, Decision

from .facts import (
    CENTRALIZED,
    DECENTRALIZED,
    HYBRID,
    OWN_STRIPE,
    PLATFORM,
    SPRING,
    SQUARE,
    STRIPE_FEES,
    SUMMER,
    given,
)

ASKS_PLATFORM, ASKS_EXTERNAL = ClientPreference.PLATFORM, ClientPreference.EXTERNAL
DEAD_SQUARE = replace(SQUARE, is_connected=False)
DEAD_PLATFORM = replace(PLATFORM, is_connected=False)
DEAR_SQUARE = replace(SQUARE, fees=FeeTerms(Decimal("3.5"), 15))
SAME_COST = replace(SQUARE, fees=STRIPE_FEES)
POUND_SQUARE = replace(SQUARE, currencies=("GBP",))


def usd(minor: int) -> Money:
    return Money(minor, "USD")


ROUTES = [
    # mode
    (given(CENTRALIZED), 1, Decision.CENTRALIZED, Reason.MODE_IS_CENTRALIZED),
    (given(DECENTRALIZED), 5, Decision.EXTERNAL, Reason.MODE_IS_DECENTRALIZED),
    # centralized: nothing moves it
    (
        given(CENTRALIZED, preference=ASKS_EXTERNAL),
        1,
        Decision.CENTRALIZED,
        Reason.MODE_IS_CENTRALIZED,
    ),
    (
        given(CENTRALIZED, amount=usd(500_00)),
        1,
        Decision.CENTRALIZED,
        Reason.MODE_IS_CENTRALIZED,
    ),
    # decentralized: neither preference nor thresholds move it
    (
        given(DECENTRALIZED, preference=ASKS_PLATFORM),
        5,
        Decision.EXTERNAL,
        Reason.MODE_IS_DECENTRALIZED,
    ),
    (
        given(DECENTRALIZED, amount=usd(1_00)),
        5,
        Decision.EXTERNAL,
        Reason.MODE_IS_DECENTRALIZED,
    ),
    # decentralized without a usable connection
    (
        given(DECENTRALIZED, PLATFORM, DEAD_SQUARE),
        1,
        Decision.FALLBACK,
        Reason.NO_USABLE_CONNECTION,
    ),
    (given(DECENTRALIZED, PLATFORM), 1, Decision.FALLBACK, Reason.NO_USABLE_CONNECTION),
    # hybrid: thresholds, exactly at the limits
    (given(amount=usd(49_99)), 1, Decision.CENTRALIZED, Reason.BELOW_MIN_EXTERNAL_AMOUNT),
    (given(amount=usd(50_00)), 5, Decision.EXTERNAL, Reason.LOWER_FEES),
    (given(amount=usd(100_00)), 5, Decision.EXTERNAL, Reason.LOWER_FEES),
    (given(amount=usd(100_01)), 5, Decision.EXTERNAL, Reason.ABOVE_MAX_PLATFORM_AMOUNT),
    # hybrid: between the thresholds the cheaper one
    (given(HYBRID, PLATFORM, DEAR_SQUARE), 1, Decision.CENTRALIZED, Reason.LOWER_FEES),
    # hybrid: a tie
    (given(HYBRID, PLATFORM, SAME_COST), 1, Decision.CENTRALIZED, Reason.EQUAL_FEES),
    (
        given(replace(HYBRID, preferred_processor="square"), PLATFORM, SAME_COST),
        5,
        Decision.EXTERNAL,
        Reason.EQUAL_FEES,
    ),
    (
        given(replace(HYBRID, preferred_processor="stripe"), PLATFORM, SAME_COST),
        1,
        Decision.CENTRALIZED,
        Reason.EQUAL_FEES,
    ),
    # hybrid: a preferred processor does not outweigh a dearer fee
    (
        given(replace(HYBRID, preferred_processor="square"), PLATFORM, DEAR_SQUARE),
        1,
        Decision.CENTRALIZED,
        Reason.LOWER_FEES,
    ),
    # hybrid: a preference that is possible wins, over thresholds and fees
    (given(preference=ASKS_PLATFORM), 1, Decision.CENTRALIZED, Reason.CLIENT_PREFERENCE),
    (
        given(preference=ASKS_PLATFORM, amount=usd(100_01)),
        1,
        Decision.CENTRALIZED,
        Reason.CLIENT_PREFERENCE,
    ),
    (
        given(preference=ASKS_EXTERNAL, amount=usd(49_99)),
        5,
        Decision.EXTERNAL,
        Reason.CLIENT_PREFERENCE,
    ),
    (
        given(HYBRID, PLATFORM, DEAR_SQUARE, preference=ASKS_EXTERNAL),
        5,
        Decision.EXTERNAL,
        Reason.CLIENT_PREFERENCE,
    ),
    # hybrid: a preference that is not possible is as none
    (
        given(HYBRID, PLATFORM, DEAD_SQUARE, preference=ASKS_EXTERNAL, amount=usd(49_99)),
        1,
        Decision.CENTRALIZED,
        Reason.BELOW_MIN_EXTERNAL_AMOUNT,
    ),
    (
        given(HYBRID, DEAD_PLATFORM, SQUARE, preference=ASKS_PLATFORM, amount=usd(100_01)),
        5,
        Decision.EXTERNAL,
        Reason.ABOVE_MAX_PLATFORM_AMOUNT,
    ),
    (
        given(HYBRID, PLATFORM, DEAD_SQUARE, preference=ASKS_EXTERNAL, amount=usd(100_01)),
        1,
        Decision.FALLBACK,
        Reason.NO_USABLE_CONNECTION,
    ),
    # hybrid: an external choice without a usable connection, whatever the switch says
    (
        given(HYBRID, PLATFORM, amount=usd(100_01)),
        1,
        Decision.FALLBACK,
        Reason.NO_USABLE_CONNECTION,
    ),
    (
        given(replace(HYBRID, fallback_enabled=False), PLATFORM, amount=usd(100_01)),
        1,
        Decision.FALLBACK,
        Reason.NO_USABLE_CONNECTION,
    ),
    # hybrid: between the thresholds with one usable account
    (given(HYBRID, PLATFORM), 1, Decision.CENTRALIZED, Reason.ONLY_USABLE_ACCOUNT),
    (given(HYBRID, DEAD_PLATFORM, SQUARE), 5, Decision.EXTERNAL, Reason.ONLY_USABLE_ACCOUNT),
    # thresholds that are not set
    (
        given(replace(HYBRID, min_external_minor=None), amount=usd(1_00)),
        5,
        Decision.EXTERNAL,
        Reason.LOWER_FEES,
    ),
    (
        given(replace(HYBRID, max_platform_minor=None), PLATFORM, DEAR_SQUARE, amount=usd(1999_00)),
        1,
        Decision.CENTRALIZED,
        Reason.LOWER_FEES,
    ),
    # another currency than the config's: fees alone
    (
        given(HYBRID, PLATFORM, POUND_SQUARE, amount=Money(1_00, "GBP")),
        5,
        Decision.EXTERNAL,
        Reason.LOWER_FEES,
    ),
    (
        given(
            HYBRID,
            PLATFORM,
            replace(DEAR_SQUARE, currencies=("GBP",)),
            amount=Money(900_00, "GBP"),
        ),
        1,
        Decision.CENTRALIZED,
        Reason.LOWER_FEES,
    ),
    # tokens: unknown is no restriction, known is one
    (given(tokens_for=None), 5, Decision.EXTERNAL, Reason.LOWER_FEES),
    (given(tokens_for=frozenset({1, 5})), 5, Decision.EXTERNAL, Reason.LOWER_FEES),
    (given(tokens_for=frozenset({1})), 1, Decision.CENTRALIZED, Reason.ONLY_USABLE_ACCOUNT),
    (given(tokens_for=frozenset({5})), 5, Decision.EXTERNAL, Reason.ONLY_USABLE_ACCOUNT),
    (
        given(DECENTRALIZED, tokens_for=frozenset({1})),
        1,
        Decision.FALLBACK,
        Reason.NO_USABLE_CONNECTION,
    ),
]


@pytest.mark.parametrize(("facts", "connection_id", "decision", "reason"), ROUTES)
def test_routes(
    facts: RoutingFacts, connection_id: int, decision: Decision, reason: Reason
) -> None:
    route = decide_route(facts)

    assert (route.account.connection_id, route.decision, route.reason) == (
        connection_id,
        decision,
        reason,
    )


OLDER = replace(OWN_STRIPE, connected_at=SPRING, connection_id=9)
NEWER = replace(SQUARE, connected_at=SUMMER)


@pytest.mark.parametrize(
    ("preferred", "accounts", "chosen"),
    [
        ("", (OLDER, NEWER), 5),
        ("stripe", (OLDER, NEWER), 9),
        ("square", (OLDER, NEWER), 5),
        # The preferred one is not usable: the one most recently connected.
        ("stripe", (replace(OLDER, is_disabled=True), NEWER), 5),
        # Several of the preferred processor: the newest of those.
        (
            "stripe",
            (OLDER, replace(OWN_STRIPE, connected_at=SUMMER), replace(NEWER, connection_id=11)),
            7,
        ),
        # Connected at the same moment: the answer is still the same one every time.
        ("", (replace(NEWER, connection_id=12), replace(NEWER, connection_id=13)), 13),
    ],
)
def test_which_of_the_barbers_accounts(
    preferred: str, accounts: tuple[Account, ...], chosen: int
) -> None:
    facts = given(replace(DECENTRALIZED, preferred_processor=preferred), PLATFORM, *accounts)

    assert decide_route(facts).account.connection_id == chosen


@pytest.mark.parametrize(
    ("account", "obstacle"),
    [
        (SQUARE, None),
        (replace(SQUARE, is_connected=False), Obstacle.NOT_CONNECTED),
        (replace(SQUARE, is_disabled=True), Obstacle.DISABLED),
        (replace(SQUARE, takes_payments=False), Obstacle.NO_PAYMENTS),
        (replace(SQUARE, currencies=("CAD",)), Obstacle.CURRENCY_NOT_SETTLED),
        (replace(SQUARE, currencies=()), Obstacle.CURRENCY_NOT_SETTLED),
        (replace(SQUARE, connection_id=6), Obstacle.NO_PAYMENT_TOKEN),
    ],
)
def test_what_rules_an_account_out(account: Account, obstacle: Obstacle | None) -> None:
    facts = given(DECENTRALIZED, PLATFORM, account, tokens_for=frozenset({1, 5}))

    judged = {found.account.connection_id: found.obstacle for found in judge_accounts(facts)}

    assert judged == {1: None, account.connection_id: obstacle}
    assert decide_route(facts).candidates == judge_accounts(facts)


def test_the_explanation_says_why_this_one_and_why_not_the_others() -> None:
    route = decide_route(given(DECENTRALIZED, PLATFORM, DEAD_SQUARE))

    assert route.explanation == (
        "The barber takes payments on an own account, but no connection is usable, so the platform "
        "takes the payment: BookedBarber (stripe). "
        "Ruled out: connection 5 (Chair 5) is not connected."
    )


def test_the_explanation_of_a_threshold_names_both_amounts() -> None:
    route = decide_route(given(amount=usd(49_99)))

    assert route.explanation.startswith("49.99 USD is below 50.00 USD")


NO_FALLBACK = replace(DECENTRALIZED, fallback_enabled=False)


@pytest.mark.parametrize(
    ("facts", "why"),
    [
        (
            given(NO_FALLBACK, PLATFORM, DEAD_SQUARE, payee="barber 3"),
            r"connection \(connection 5 \(Chair 5\) is not connected\) and falling back to",
        ),
        (given(NO_FALLBACK, PLATFORM, payee="barber 3"), "barber 3 has no usable connection"),
        (
            given(NO_FALLBACK, tokens_for=frozenset({1})),
            r"connection 5 \(Chair 5\) has no payment token from the payer",
        ),
        (
            given(CENTRALIZED, replace(PLATFORM, is_disabled=True), SQUARE, payee="barber 3"),
            r"account cannot take 75.00 USD for barber 3 \(connection 1 .* is switched off\)",
        ),
        (given(CENTRALIZED, SQUARE), r"cannot take 75.00 USD for the barber \(none exists\)"),
        (
            given(CENTRALIZED, amount=Money(75_00, "CAD")),
            "connection 1 .* does not settle in this currency",
        ),
        # The fallback needs a usable platform too.
        (given(DECENTRALIZED, DEAD_PLATFORM, DEAD_SQUARE), "connection 1 .* is not connected"),
        (
            given(DECENTRALIZED, PLATFORM, DEAD_SQUARE, tokens_for=frozenset({5})),
            "connection 1 .* has no payment token",
        ),
        (given(HYBRID, DEAD_PLATFORM, SQUARE, amount=usd(49_99)), "connection 1 .* not connected"),
        (
            given(HYBRID, DEAD_PLATFORM, replace(SQUARE, takes_payments=False)),
            "connection 5 .* cannot take payments",
        ),
    ],
)
def test_refusals_name_why(facts: RoutingFacts, why: str) -> None:
    with pytest.raises(PaymentRoutingFailed, match=f"^Payment routing failed: .*{why}"):
        decide_route(facts)


@pytest.mark.parametrize(
    ("facts", "possible"),
    [
        (given(CENTRALIZED), False),
        (given(DECENTRALIZED), True),
        (given(NO_FALLBACK), False),
        (given(HYBRID), True),
        (given(replace(HYBRID, fallback_enabled=False)), True),
        (given(DECENTRALIZED, DEAD_PLATFORM, SQUARE), False),
        (given(DECENTRALIZED, SQUARE), False),
        (given(DECENTRALIZED, tokens_for=frozenset({5})), False),
    ],
)
def test_whether_the_platform_could_step_in(facts: RoutingFacts, possible: bool) -> None:
    assert (find_fallback(facts) is not None) is possible
