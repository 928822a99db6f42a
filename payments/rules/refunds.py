"""How a refund is shared over the legs of a payment, and what its parts add up to. Pure."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from decimal import Decimal

from bookedbarber.foundation.money import Money

from ..errors import InvalidPaymentAmount
from ..states import CLOSED_REFUND_STATES, RefundState, RefundStatus
from .limits import read_amount

# Square keeps 192 characters of a reason, with our reference at their end.
LONGEST_REASON = 150


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundableLeg:
    """A captured leg; `returned_minor` of it was given back, or is about to be."""

    leg_id: int
    amount_minor: int
    returned_minor: int
    is_commission: bool = False

    @property
    def left_minor(self) -> int:
        return max(0, self.amount_minor - self.returned_minor)


def share_refund(amount_minor: int, legs: Sequence[RefundableLeg]) -> dict[int, int]:
    """Minor units by leg, in the order of sending: the commission leg first; nothing left out.

    Shares are cumulative, by largest remainder: after each refund the legs have given back what
    one refund of the total would have taken, so parts never drift by a cent. A leg that has given
    back more than that (in the processor's dashboard) waits for the others.

    :raises ValueError: the legs have less than that left.
    """
    if not 0 < amount_minor <= sum(leg.left_minor for leg in legs):
        raise ValueError(f"cannot share {amount_minor} over these legs")
    sharing = sorted(legs, key=lambda leg: not leg.is_commission)
    targets = _share_total(amount_minor, sharing)
    while any(targets[leg.leg_id] < leg.returned_minor for leg in sharing):
        sharing = [leg for leg in sharing if targets[leg.leg_id] >= leg.returned_minor]
        targets = _share_total(amount_minor, sharing)
    parts = {leg.leg_id: targets[leg.leg_id] - leg.returned_minor for leg in sharing}
    return {leg_id: part for leg_id, part in parts.items() if part}


def _share_total(amount_minor: int, legs: Sequence[RefundableLeg]) -> dict[int, int]:
    """What each leg should have given back after this refund, by largest remainder."""
    total = amount_minor + sum(leg.returned_minor for leg in legs)
    whole = sum(leg.amount_minor for leg in legs)
    quotas = {leg.leg_id: divmod(total * leg.amount_minor, whole) for leg in legs}
    shares = {leg_id: floor for leg_id, (floor, _) in quotas.items()}
    # Sorting is stable: of equal remainders the commission leg's comes first.
    by_remainder = sorted(quotas, key=lambda leg_id: -quotas[leg_id][1])
    for leg_id in by_remainder[: total - sum(shares.values())]:
        shares[leg_id] += 1
    return shares


def read_refund_amount(amount: Decimal | None, currency: str | None, paid_in: str) -> Money | None:
    """What somebody wants back; None is all that is left. Without a currency it is the payment's.

    :raises InvalidPaymentAmount: another currency, or too fine; names the field.
    """
    if currency not in {None, paid_in}:
        raise InvalidPaymentAmount(f"currency: the payment is in {paid_in}", field="currency")
    return None if amount is None else read_amount(amount, paid_in, field="amount")


def summarize_refund(states: Collection[RefundState]) -> RefundStatus:
    """Where a request stands whose parts are in these states: what is least certain comes first.

    :raises ValueError: no parts.
    """
    if not states:
        raise ValueError("a request has at least one part")
    for state, status in _OPEN.items():
        if state in states:
            return status
    closed = [state for state in states if state in CLOSED_REFUND_STATES]
    if not closed:
        return RefundStatus.SUCCEEDED
    if len(closed) < len(states):
        return RefundStatus.PARTIALLY_SUCCEEDED
    return RefundStatus.FAILED if RefundState.FAILED in states else RefundStatus.CANCELED


_OPEN = {
    RefundState.UNKNOWN: RefundStatus.UNKNOWN,
    RefundState.SUBMITTED: RefundStatus.PROCESSING,
    RefundState.PENDING: RefundStatus.PENDING,
}
