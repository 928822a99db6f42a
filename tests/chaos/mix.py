"""What is mixed in beside payments, from the seed alone: refunds, terminal sales, events' ways.

Pure. The dice are others than those of the payments, so that a seed's payments stay as they were.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tests.chaos.barbers import BARBERS, BarberSpec
from tests.chaos.leans import Lean

# How a barber gives a completed payment back, and how often.
REFUNDS = {
    "none": 54,
    "part": 8,  # by our API, under a key
    "thrice": 5,  # three parts, one after the other
    "whole": 6,  # all that is left
    "twice_at_once": 6,  # the same key, two requests at the same time
    "beyond": 9,  # two keys at the same time, together more than was paid
    "dashboard": 8,  # at the processor, without us
    "both_doors": 4,  # by our API and at the processor at the same time, together more than paid
}
# Ours, if its answer is lost and it is refused when repeated, may have been made or not.
_RIDDLES = frozenset({"both_doors"})
# How refunds at the processor go on: at once, after a while, or undone some seconds later.
ENDINGS = {"done": 6, "pending": 2, "fails": 2}
GOES_ON: dict[str, dict[str, float]] = {
    "done": {},
    "pending": {"succeeds_in_seconds": 4},
    "fails": {"fails_in_seconds": 5},
}
METHODS = {"CARD": 8, "CASH": 1, "EXTERNAL": 1}  # the last two at Square only
SALE_SHARE = 0.35  # terminal sales for each payment
RETURNED_SHARE = 0.35  # of them are refunded at the terminal

# What becomes of events on their way.
EVENTS = {"drop": 0.12, "double": 0.2, "late_seconds": 4.0}
# Where nothing else tells of what happened, none may be lost for good.
EVENTS_ALONE = EVENTS | {"drop": 0.0}


@dataclass(frozen=True, slots=True)
class PlannedRefund:
    """`percent` of what was paid; `ending` of one that is made at the processor."""

    act: str
    percent: int
    ending: str


@dataclass(frozen=True, slots=True)
class PlannedSale:
    """Taken at a barber's own terminal when the payment `at` is about to begin.

    `amount_minor` includes `tip_minor`; `refund_minor` of it goes back at once, 0 for none.
    """

    at: int
    barber: str
    processor: str
    amount_minor: int
    tip_minor: int
    method: str
    refund_minor: int
    ending: str


def plan_refunds(count: int, lean: Lean, dice: random.Random) -> list[PlannedRefund]:
    """One for each payment."""
    weights = {
        act: weight * (1 if act == "none" else lean.refund_factor)
        for act, weight in REFUNDS.items()
        if lean.has_riddles or act not in _RIDDLES
    }
    return [
        PlannedRefund(
            act=_draw(weights, dice), percent=dice.randrange(51, 96), ending=_draw(ENDINGS, dice)
        )
        for _ in range(count)
    ]


def plan_sales(count: int, *, dice: random.Random) -> tuple[PlannedSale, ...]:
    """In the order of the payments that they come before."""
    places = sorted(dice.randrange(1, count + 1) for _ in range(round(count * SALE_SHARE)))
    accounts = [(spec, processor) for spec in BARBERS for processor in spec.processors]
    return tuple(_plan_sale(at, accounts, dice) for at in places)


def _plan_sale(
    at: int, accounts: Sequence[tuple[BarberSpec, str]], dice: random.Random
) -> PlannedSale:
    spec, processor = dice.choice(accounts)
    price_minor = dice.randrange(3_00, 150_00)
    tip_minor = dice.randrange(50, 15_00) if dice.random() < 0.5 else 0
    amount_minor = price_minor + tip_minor
    method = _draw(METHODS, dice) if processor == "square" else "CARD"
    is_returned = method == "CARD" and dice.random() < RETURNED_SHARE
    return PlannedSale(
        at=at,
        barber=spec.login,
        processor=processor,
        amount_minor=amount_minor,
        tip_minor=tip_minor,
        method=method,
        refund_minor=dice.randrange(1_00, amount_minor + 1) if is_returned else 0,
        ending=_draw(ENDINGS, dice),
    )


def describe_events(*, is_alone: bool, seed: int) -> dict[str, Any]:
    """The simulator's delivery policy for everybody."""
    return (EVENTS_ALONE if is_alone else EVENTS) | {"seed": seed}


def _draw(weights: dict[str, int], dice: random.Random) -> str:
    return dice.choices(list(weights), weights=list(weights.values()))[0]
