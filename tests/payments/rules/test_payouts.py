"""Why a barber is or is not paid out: one line for each fact that changes the answer."""

from datetime import UTC, datetime
from typing import Any

import pytest

from bookedbarber.foundation.money import Money
from payments.rules.payouts import PayoutFacts, decide_payout
from payments.states import PayoutObstacle as Why


def usd(minor: int) -> Money:
    return Money(minor, "USD")


def facts(**changes: Any) -> PayoutFacts:
    """57.52 can be paid to an account that receives."""
    amounts = {
        "owed": 57_52,
        "reserved": 0,
        "waiting_for_funds": 0,
        "waiting_for_fees": 0,
        "withheld": 0,
        "available": 57_52,
        "minimum": 1_00,
    }
    changed: dict[str, Any] = {
        name: usd(changes.pop(name, minor)) for name, minor in amounts.items()
    }
    account = {"has_account": True, "is_platform_connected": True} | changes
    return PayoutFacts(**changed, **{"can_receive": True, "pays_to_bank": True, **account})


@pytest.mark.parametrize(
    ("changes", "obstacle", "words"),
    [
        ({}, None, "57.52 USD can be paid out now"),
        ({"reserved": 10_00}, Why.IN_FLIGHT, "10.00 USD is under way"),
        ({"available": 99}, Why.BELOW_MINIMUM, "0.99 USD is less than"),
        ({"available": 1_00}, None, "1.00 USD can be paid"),
        ({"available": 0}, Why.NOTHING_OWED, "nothing to pay out"),
        ({"available": -5_00}, Why.NOTHING_OWED, "5.00 USD more than is owed"),
        (
            {"available": 0, "waiting_for_funds": 60_00},
            Why.FUNDS_NOT_AVAILABLE,
            "60.00 USD is not available",
        ),
        (
            {"available": -5_00, "waiting_for_funds": 60_00},
            Why.FUNDS_NOT_AVAILABLE,
            "5.00 USD of refunds and disputes will be taken off",
        ),
        ({"available": 0, "waiting_for_fees": 60_00}, Why.FEE_UNKNOWN, "has not named its fees"),
        ({"has_account": False}, Why.NO_ACCOUNT, "connect a Stripe account"),
        ({"is_platform_connected": False}, Why.PLATFORM_NOT_CONNECTED, "platform’s own account"),
        ({"can_receive": False}, Why.ACCOUNT_CANNOT_RECEIVE, "does not accept transfers"),
        (
            {"can_receive": False, "account_obstacle": "Papers missing."},
            Why.ACCOUNT_CANNOT_RECEIVE,
            "Papers missing.",
        ),
        ({"pays_to_bank": False}, Why.PAYOUTS_DISABLED, "switched off"),
        ({"minimum": 0, "available": 0}, Why.NOTHING_OWED, "nothing"),
    ],
)
def test_what_stands_in_the_way_is_named(changes, obstacle, words):
    decision = decide_payout(facts(**changes))

    assert decision.obstacle == obstacle
    assert words in decision.explanation
    assert bool(decision.amount) == (obstacle is None)


def test_the_day_when_money_comes_is_named():
    then = datetime(2026, 12, 5, tzinfo=UTC)

    decision = decide_payout(facts(available=0, waiting_for_funds=60_00, next_available_at=then))

    assert "05 December 2026" in decision.explanation
