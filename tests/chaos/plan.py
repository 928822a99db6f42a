"""What a run will try: payments, faults and disruptions, from the seed alone. Pure."""

import random
from dataclasses import dataclass
from typing import Any

from tests.chaos.barbers import BARBERS, find_barber
from tests.chaos.leans import LEANS, Lean
from tests.chaos.mix import PlannedRefund, PlannedSale, describe_events, plan_refunds, plan_sales

FAULT_SHARE = 0.30  # of the calls to processors
FEWEST_PAYMENTS = 40

# How the payer's software behaves, and how often.
ACTS = {
    "plain": 18,  # without a key, sent once whatever happens
    "keyed": 22,  # repeated under its key until there is an answer
    "twice_at_once": 14,  # the same key, two requests at the same time
    "repeated": 14,  # the same key again after an answer, too
    "appointment": 10,  # and once more under another key
    "two_payers": 7,  # one appointment, two keys, at the same time
    "checkout": 15,  # a page for the payer
}
CARDS = {"approved": 76, "declined": 6, "insufficient_funds": 4, "authentication": 14}
# The platform's part of a split sale is on a card of its own, so that it may go another way.
OTHER_CARDS = {"approved": 70, "declined": 15, "authentication": 15}
# What becomes of a payment that waits for its payer.
ENDINGS = {"confirm": 5, "deny": 2, "void": 2, "pay_then_void": 2, "leave": 1}

# Kind → the seconds it may take; None where it takes none.
FAULTS: dict[str, tuple[float, ...] | None] = {
    "time_out_before": (6.0,),
    "time_out_after": (6.0,),
    "commit_late": (1.0, 4.0, 12.0),
    "error_before": None,
    "error_after": None,
    "stored_error": None,
    "stored_error_after": None,
    "rate_limited": (1.0,),
    "conflict": None,
    "garbage": None,
    "truncated": None,
    "other_object": None,
    "other_amount": None,
    "other_currency": None,
    "slow": (1.0,),
    "connection_refused": None,
    "reset_before": None,
    "reset_after": None,
    "revoked_token": None,
}
# How much more of the share those kinds get that a run leans to.
_LEANING = 8
# A hold that is refused when the barber's part is to be captured: the commission is given back.
_CAPTURES_REFUSED = 0.1
_ANYWHERE: tuple[dict[str, str], ...] = ({},)
# Nobody can tell a lie from the truth where the processor alone knows, as in a list of sales that
# were taken without us.
_OF_WHAT_WE_KNOW = ({"method": "POST"}, {"method": "GET", "path": "/v1/payment_intents*"})
_PLACES = {
    "other_object": _OF_WHAT_WE_KNOW,
    "other_amount": _OF_WHAT_WE_KNOW,
    "other_currency": _OF_WHAT_WE_KNOW,
    # Confirming that a token is gone must not meet the same fault: the account would be left for
    # good.
    "revoked_token": ({"operation": "charge"},),
}
# The processor will never say what became of it: a person must, once its key is out of use. Early
# in a run and few, or nothing would be quiet for as long as that takes.
_CERTAIN_ONLY = ("stored_error", "stored_error")
# The last one is made after everybody has asked for it.
_ON_REFUNDS: tuple[dict[str, Any], ...] = (
    {"kind": "error_after"},
    {"kind": "time_out_before", "seconds": 6.0},
    {"kind": "commit_late", "seconds": 12.0},
)
_TIMES_ON_REFUNDS = 3
_TOLD = [kind for kind in FAULTS if kind not in _CERTAIN_ONLY]

# For each 200 payments, but not endlessly more for more of them.
_MOST_TIMES = 4
_LAST_CALM = 15  # payments at the end that meet no new disruption
DISRUPTIONS = {
    "kill_web": 2,
    "kill_web_child": 3,
    "kill_worker": 2,
    "kill_worker_child": 2,
    "kill_beat": 1,
    "stop_postgres": 2,
    "empty_redis": 2,
    "refuse_connections": 1,
    "account_down": 1,
    "account_silent": 1,
    "shuffle_events": 2,
    "sync_at_once": 1,
    "kill_sync": 3,
}


@dataclass(frozen=True, slots=True)
class PlannedPayment:
    """`amount_minor` includes `tip_minor`. `visit` numbers the barber's appointments."""

    number: int
    barber: str
    amount_minor: int
    tip_minor: int
    card: str
    platform_card: str
    act: str
    ending: str
    visit: int | None
    refund: PlannedRefund


@dataclass(frozen=True, slots=True)
class PlannedDisruption:
    """Happens when the payment with this number is about to begin."""

    at: int
    kind: str
    barber: str


@dataclass(frozen=True, slots=True)
class Plan:
    seed: int
    lean: str
    payments: tuple[PlannedPayment, ...]
    sales: tuple[PlannedSale, ...]
    faults: tuple[dict[str, Any], ...]
    disruptions: tuple[PlannedDisruption, ...]
    events: dict[str, Any]

    @property
    def reads_lists(self) -> bool:
        """Whether anything is synchronized."""
        return LEANS[self.lean].reads_lists


def make_plan(*, payments: int, seed: int, lean: str = "even") -> Plan:
    """The same for the same arguments, always."""
    dice = random.Random(f"chaos {seed} {payments}")
    other_dice = random.Random(f"mix {seed} {payments}")
    chosen = LEANS[lean]
    refunds = plan_refunds(payments, chosen, other_dice)
    planned = _plan_payments(refunds, chosen, dice)
    return Plan(
        seed=seed,
        lean=lean,
        payments=planned,
        sales=plan_sales(payments, dice=other_dice),
        faults=tuple(_plan_faults(payments, seed, chosen, dice)),
        disruptions=_plan_disruptions(planned, chosen, dice),
        events=describe_events(is_alone=not chosen.reads_lists, seed=seed),
    )


def _plan_payments(
    refunds: list[PlannedRefund], lean: Lean, dice: random.Random
) -> tuple[PlannedPayment, ...]:
    planned = []
    weights = {spec.login: lean.split_factor if spec.splits else 1 for spec in BARBERS}
    for number, refund in enumerate(refunds, start=1):
        spec = find_barber(_draw(weights, dice))
        act = _draw(ACTS, dice)
        card, other_card = _draw(CARDS, dice), _draw(OTHER_CARDS, dice)
        amount_minor, tip_minor = _draw_amount(dice)
        has_visit = act in {"appointment", "two_payers"}
        planned.append(
            PlannedPayment(
                number=number,
                barber=spec.login,
                amount_minor=amount_minor,
                tip_minor=tip_minor,
                card=card,
                platform_card=other_card if spec.splits else card,
                act=act,
                ending=_draw(ENDINGS, dice),
                visit=number if has_visit else None,
                refund=refund,
            )
        )
    return tuple(planned)


def _draw_amount(dice: random.Random) -> tuple[int, int]:
    """Odd amounts, so that shares and fees must be rounded."""
    price_minor = dice.randrange(5_00, 190_00)
    tip_minor = dice.randrange(50, 20_00) if dice.random() < 0.3 else 0
    return price_minor + tip_minor, tip_minor


def _plan_faults(payments: int, seed: int, lean: Lean, dice: random.Random) -> list[dict[str, Any]]:
    """Each kind on one charge for certain, and nearly all on their share of all calls."""
    certain: list[dict[str, Any]] = []
    kinds = [*FAULTS, *_CERTAIN_ONLY]
    for kind in kinds if lean.has_riddles else _TOLD:
        rule = {"operation": "charge", "skip": dice.randrange(payments // 3), "times": 1}
        certain.append(_build_fault(kind, dice) | rule)
    dice.shuffle(certain)
    # Refunds are few beside charges, so these are for them alone.
    of_refunds = {"operation": "refund", "times": _TIMES_ON_REFUNDS}
    certain += [of_refunds | fault for fault in _ON_REFUNDS]
    lasting: list[dict[str, Any]] = []
    for number, (kind, probability) in enumerate(_share_out(lean).items()):
        rule = _build_fault(kind, dice) | {"times": "always", "probability": probability}
        rule["seed"] = seed * 1000 + number
        lasting += [rule | place for place in _PLACES.get(kind, _ANYWHERE)]
    refused = {"kind": "revoked_token", "operation": "capture", "times": "always"}
    return [*certain, refused | {"probability": _CAPTURES_REFUSED, "seed": seed}, *lasting]


def _share_out(lean: Lean) -> dict[str, float]:
    """The probability of each kind, asked in this order: the first that hits is it."""
    weights = {kind: _LEANING if kind in lean.faults else 1 for kind in _TOLD}
    total = sum(weights.values())
    return {kind: 1 - (1 - FAULT_SHARE) ** (weight / total) for kind, weight in weights.items()}


def _build_fault(kind: str, dice: random.Random) -> dict[str, Any]:
    seconds = FAULTS[kind]
    return {"kind": kind} | ({"seconds": dice.choice(seconds)} if seconds else {})


def _plan_disruptions(
    payments: tuple[PlannedPayment, ...], lean: Lean, dice: random.Random
) -> tuple[PlannedDisruption, ...]:
    planned = []
    for kind, often in DISRUPTIONS.items():
        for _ in range(max(1, round(often * min(len(payments) / 200, _MOST_TIMES)))):
            at = dice.randrange(5, len(payments) - _LAST_CALM)
            planned.append(PlannedDisruption(at, kind, _choose_barber(payments[at:])))
    kept = [each for each in planned if lean.meets(each.kind)]
    return tuple(sorted(kept, key=lambda each: (each.at, each.kind)))


def _choose_barber(coming: tuple[PlannedPayment, ...]) -> str:
    """The next whose own account is called, so that it is missed when it is down."""
    specs = (find_barber(each.barber) for each in coming if each.act != "checkout")
    own = (spec.login for spec in specs if spec.mode == "decentralized" or spec.splits)
    return next(own, BARBERS[2].login)


def _draw(weights: dict[str, int], dice: random.Random) -> str:
    return dice.choices(list(weights), weights=list(weights.values()))[0]


def get_currency(payment: PlannedPayment) -> str:
    return find_barber(payment.barber).currency
