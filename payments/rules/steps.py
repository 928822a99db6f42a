"""What a payment needs next, and where it stands, from its legs alone. Pure.

A payment has one leg, or two when it is split: authorize both, capture the platform's first, then
the barber's; whatever cannot be done is undone. One call is in flight at a time, and while a leg's
outcome is unknown nothing else is tried.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from ..states import CLOSED_LEG_STATES, LegOperation, LegRole, LegState, PaymentState


@dataclass(frozen=True, slots=True, kw_only=True)
class LegFacts:
    """`is_in_flight`: a call about a hold is under way; `is_refused`: the processor said no."""

    role: str
    state: str
    operation: str
    is_two_step: bool = False
    is_in_flight: bool = False
    is_refused: bool = False


class Act(StrEnum):
    AUTHORIZE_COMMISSION = "authorize_commission"
    CAPTURE = "capture"
    VOID = "void"


@dataclass(frozen=True, slots=True)
class Step:
    """`role` says on which leg."""

    act: Act
    role: LegRole


# The platform's first: smaller, on the account that we control, cheapest to give back.
_ORDER = (LegRole.COMMISSION, LegRole.MAIN)
_RESTLESS = frozenset({LegState.SUBMITTED, LegState.UNKNOWN, LegState.REQUIRES_ACTION})


def decide_next_step(legs: Sequence[LegFacts]) -> Step | None:
    """The next call to make for these legs, the latest of each role; None: wait, or all is done."""
    if any(leg.state in _RESTLESS or leg.is_in_flight for leg in legs):
        return None
    held = {leg.role for leg in legs if leg.state == LegState.AUTHORIZED}
    chosen = next((role for role in _ORDER if role in held), None)
    if is_given_up(legs):
        return None if chosen is None else Step(Act.VOID, chosen)
    if _lacks_commission_leg(legs):
        return Step(Act.AUTHORIZE_COMMISSION, LegRole.COMMISSION)
    return None if chosen is None else Step(Act.CAPTURE, chosen)


def is_given_up(legs: Sequence[LegFacts]) -> bool:
    """Whether the payment will not be made: a leg is closed, or being voided."""
    return any(leg.state in CLOSED_LEG_STATES or leg.operation == LegOperation.VOID for leg in legs)


def must_be_given_back(legs: Sequence[LegFacts]) -> frozenset[str]:
    """Roles of captured legs whose other half will never be: they are refunded."""
    if not any(leg.state in CLOSED_LEG_STATES for leg in legs):
        return frozenset()
    return frozenset(leg.role for leg in legs if leg.state == LegState.CAPTURED)


def get_payment_state(legs: Sequence[LegFacts]) -> PaymentState:
    """Where the payment stands while its legs stand like this."""
    states = {leg.state for leg in legs}
    if LegState.UNKNOWN in states:
        return PaymentState.UNKNOWN
    if LegState.REQUIRES_ACTION in states:
        return PaymentState.REQUIRES_ACTION
    if states & {LegState.SUBMITTED, LegState.AUTHORIZED} or _lacks_commission_leg(legs):
        return PaymentState.PROCESSING
    if states == {LegState.CAPTURED}:
        return PaymentState.COMPLETED
    return PaymentState.FAILED if _has_failed(legs) else PaymentState.CANCELED


def _lacks_commission_leg(legs: Sequence[LegFacts]) -> bool:
    """Whether a split sale's first leg stands and its second one was never tried."""
    roles = {leg.role for leg in legs}
    is_split = any(leg.is_two_step for leg in legs)
    return is_split and LegRole.COMMISSION not in roles and not is_given_up(legs)


def _has_failed(legs: Sequence[LegFacts]) -> bool:
    """Whether it was refused, or half of it done, rather than given up by a person in time."""
    return any(leg.is_refused for leg in legs) or bool(must_be_given_back(legs))
