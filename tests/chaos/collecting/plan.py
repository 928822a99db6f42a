"""Barbers, sales, faults and kills of a run, from the seed alone. Pure."""

import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

SALES_SECONDS = 7 * 86_400
# Less than this waits for the next collection.
MINIMUM_MINOR = 1_00
# Most of a week's movements are known when it is over; the others come while it is collected, and
# after that.
STAGES = {"early": 88, "late": 8, "next": 4}
REFUNDED, REFUNDED_AFTER, TIPPED = 0.08, 0.5, 0.25
RATES = ("20", "15", "17.25", "12.5", "10")
ZONES = ("UTC", "America/New_York", "America/Los_Angeles", "Europe/Berlin", "Australia/Sydney")
CURRENCIES = {"USD": 8, "GBP": 1, "CAD": 1}
# Test methods at the processor: how the barber pays, "" for one who has saved nothing.
METHODS = {
    "pm_card_visa": 74,
    "pm_usBankAccount_success": 8,
    "pm_usBankAccount_dispute": 4,
    "pm_usBankAccount_insufficientFunds": 2,
    "pm_usBankAccount_accountClosed": 1,
    "pm_card_chargeCustomerFail": 5,
    "pm_card_authenticationRequired": 3,
    "": 3,
}
RENTED = 0.1
# Kind → the seconds it may take and its share of the calls.
FAULTS: dict[str, tuple[float | None, float]] = {
    "time_out_before": (4.0, 0.005),
    "time_out_after": (4.0, 0.005),
    "commit_late": (1.0, 0.012),
    "error_before": (None, 0.012),
    "error_after": (None, 0.016),
    "stored_error_after": (None, 0.004),
    "rate_limited": (None, 0.012),
    "conflict": (None, 0.012),
    "garbage": (None, 0.012),
    "truncated": (None, 0.012),
    "other_amount": (None, 0.008),
    "slow": (0.02, 0.008),
    "connection_refused": (None, 0.012),
    "reset_before": (None, 0.012),
    "reset_after": (None, 0.016),
    "revoked_token": (None, 0.004),
}
# Debits and questions about them. What a list alone tells of nobody could tell from a lie.
_PLACE = {"path": "/v1/payment_intents*"}
# The processor never says what became of it: a person does.
RIDDLE = "stored_error"
# Role → how many work at once, and how many of them are killed in each week.
CREW = {"builder": 8, "processor": 4, "loader": 2, "asker": 2, "reader": 1, "payer": 1}
KILLS = {"builder": 2, "processor": 2, "loader": 0.5, "asker": 0.5, "reader": 0.25}


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedBarber:
    """`rent_minor` a week, 0 for none."""

    number: int
    rate: str
    zone: str
    currency: str
    method: str
    rent_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedMovement:
    """A sale, or a refund of the one named `parent`. `second` is of the week it was sold in.

    `phase` and `week` say when we hear of it.
    """

    name: str
    parent: str
    barber: int
    second: int
    sold_in: int
    amount_minor: int
    tip_minor: int
    phase: str
    week: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    seed: int
    barbers: int
    periods: int
    transactions: int

    def list_barbers(self) -> list[PlannedBarber]:
        dice = random.Random(f"barbers {self.seed}")
        return [_plan_barber(number, dice) for number in range(self.barbers)]

    def list_movements(self, sold_in: int) -> list[PlannedMovement]:
        """Of one week, counted from 0; every barber sells about the same number."""
        dice = random.Random(f"sales {self.seed} {sold_in}")
        wanted = self.transactions // self.periods
        if sold_in == self.periods - 1:
            wanted += self.transactions % self.periods
        made: list[PlannedMovement] = []
        number = 0
        while len(made) < wanted:
            family = list(_plan_sale(f"{sold_in}_{number}", number % self.barbers, sold_in, dice))
            made += family[: wanted - len(made)]
            number += 1
        return made

    def list_heard(self, phase: str, week: int) -> list[PlannedMovement]:
        """What is heard of in a phase of a week."""
        return [
            each
            for sold_in in (week - 1, week)
            if 0 <= sold_in < self.periods
            for each in self.list_movements(sold_in)
            if (each.phase, each.week) == (phase, week)
        ]

    def list_faults(self) -> list[dict[str, Any]]:
        """Each kind once on a debit for certain, and on its share of all calls about them."""
        dice = random.Random(f"faults {self.seed}")
        kinds = [*FAULTS, RIDDLE]
        certain = [_build_fault(kind) | self._place(dice) for kind in kinds]
        dice.shuffle(certain)
        lasting = [
            _build_fault(kind)
            | _PLACE
            | {"times": "always", "probability": share, "seed": self.seed + at}
            for at, (kind, (_, share)) in enumerate(FAULTS.items())
        ]
        return [*certain, *lasting]

    def _place(self, dice: random.Random) -> dict[str, Any]:
        skip = dice.randrange(max(1, self.barbers * self.periods // 3))
        return {"operation": "charge", "skip": skip, "times": 1}

    def list_kills(self, week: int) -> list[str]:
        """Roles, in the order in which one of them dies."""
        dice = random.Random(f"kills {self.seed} {week}")
        roles = [
            role
            for role, often in KILLS.items()
            for _ in range(int(often) + (week == 0 or dice.random() < often % 1))
        ]
        dice.shuffle(roles)
        return roles

    def sum_movements(self) -> dict[int, Counter[str]]:
        """By barber: how many sales and refunds there are, and the commission of all of them."""
        rates = {barber.number: Decimal(barber.rate) for barber in self.list_barbers()}
        sums: dict[int, Counter[str]] = {number: Counter() for number in rates}
        bases: Counter[tuple[int, str]] = Counter()
        for sold_in in range(self.periods):
            for each in self.list_movements(sold_in):
                sums[each.barber]["refunds" if each.parent else "sales"] += 1
                base_minor = each.amount_minor - each.tip_minor
                sale = each.barber, each.parent or each.name
                bases[sale] += -base_minor if each.parent else base_minor
        for (barber, _), base_minor in bases.items():
            sums[barber]["commission"] += calculate_share(base_minor, rates[barber])
        return sums


def calculate_share(base_minor: int, rate: Decimal) -> int:
    return int((base_minor * rate / 100).quantize(Decimal(1), ROUND_HALF_UP))


def _plan_barber(number: int, dice: random.Random) -> PlannedBarber:
    drawn = draw(METHODS, dice)
    # However few barbers there are, each method is somebody's.
    method = list(METHODS)[number] if number < len(METHODS) else drawn
    currency = "USD" if "Bank" in method else draw(CURRENCIES, dice)
    return PlannedBarber(
        number=number,
        rate=dice.choice(RATES),
        zone=dice.choice(ZONES),
        currency=currency,
        method=method,
        rent_minor=dice.randrange(80_00, 200_00) if dice.random() < RENTED else 0,
    )


def _plan_sale(
    name: str, barber: int, sold_in: int, dice: random.Random
) -> Iterator[PlannedMovement]:
    """Odd amounts, so that shares must be rounded. A refund leaves no tip to be shared out."""
    stage = draw(STAGES, dice)
    price_minor, second = dice.randrange(15_00, 120_00), dice.randrange(SALES_SECONDS - 86_400)
    is_refunded = dice.random() < REFUNDED
    tip_minor = 0 if is_refunded or dice.random() > TIPPED else dice.randrange(1_00, 15_00)
    phase, week = _when(stage, sold_in)
    yield PlannedMovement(
        name=f"ch_{name}",
        parent="",
        barber=barber,
        second=second,
        sold_in=sold_in,
        amount_minor=price_minor + tip_minor,
        tip_minor=tip_minor,
        phase=phase,
        week=week,
    )
    if is_refunded:
        if dice.random() < REFUNDED_AFTER:
            phase, week = _when("next", sold_in)
        yield PlannedMovement(
            name=f"re_{name}",
            parent=f"ch_{name}",
            barber=barber,
            second=second + dice.randrange(86_400),
            sold_in=sold_in,
            amount_minor=dice.choice((price_minor, dice.randrange(1, price_minor))),
            tip_minor=0,
            phase=phase,
            week=week,
        )


def _when(stage: str, sold_in: int) -> tuple[str, int]:
    return {
        "early": ("load", sold_in),
        "late": ("build", sold_in),
        "next": ("load", sold_in + 1),
    }[stage]


def _build_fault(kind: str) -> dict[str, Any]:
    seconds = FAULTS[kind][0] if kind in FAULTS else None
    return {"kind": kind} | ({"seconds": seconds} if seconds else {})


def draw(weights: dict[str, int], dice: random.Random) -> str:
    return dice.choices(list(weights), weights=list(weights.values()))[0]
