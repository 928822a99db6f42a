"""Whether a barber is paid out now, how much, and if not, why not. Pure."""

from dataclasses import dataclass
from datetime import datetime

from bookedbarber.foundation.money import Money

from ..states import PayoutObstacle


@dataclass(frozen=True, slots=True, kw_only=True)
class PayoutFacts:
    """What the platform owes one barber in one currency, apart by when it can be paid.

    `owed` is all of it, negative where the barber owes. Of it `reserved` is in a payout under
    way, `waiting_for_funds` and `waiting_for_fees` are sales that cannot be paid yet, `withheld`
    is kept back for fees still unknown, and `available` is left to be paid now (negative where
    refunds outweigh it). `account_obstacle` is in the words of the account's processor.
    """

    owed: Money
    reserved: Money
    waiting_for_funds: Money
    waiting_for_fees: Money
    withheld: Money
    available: Money
    minimum: Money
    next_available_at: datetime | None = None
    has_account: bool
    is_platform_connected: bool
    can_receive: bool = False
    pays_to_bank: bool = False
    account_obstacle: str = ""


@dataclass(frozen=True, slots=True)
class PayoutDecision:
    """`amount` is paid now; without an obstacle it is positive, with one it is zero."""

    amount: Money
    obstacle: PayoutObstacle | None
    explanation: str


def decide_payout(facts: PayoutFacts) -> PayoutDecision:
    """Say what is paid out now, or the first thing that stands in the way, in words."""
    obstacle = _find_obstacle_of_money(facts) or _find_obstacle_of_account(facts)
    if obstacle is not None:
        return PayoutDecision(Money.zero(facts.available.currency), *obstacle)
    return PayoutDecision(facts.available, None, f"{facts.available} can be paid out now.")


def _find_obstacle_of_money(facts: PayoutFacts) -> tuple[PayoutObstacle, str] | None:
    if facts.reserved:
        words = f"A payout of {facts.reserved} is under way; the next one follows when it is done."
        return PayoutObstacle.IN_FLIGHT, words
    if facts.available >= facts.minimum and facts.available.amount_minor > 0:
        return None
    if facts.available.amount_minor > 0:
        words = f"{facts.available} is less than the smallest payout of {facts.minimum}."
        return PayoutObstacle.BELOW_MINIMUM, words
    return _explain_nothing(facts)


def _explain_nothing(facts: PayoutFacts) -> tuple[PayoutObstacle, str]:
    debt = -facts.available
    nets = f" {debt} of refunds and disputes will be taken off." if debt.amount_minor > 0 else ""
    if facts.waiting_for_funds.amount_minor > 0:
        words = f"{facts.waiting_for_funds} is not available at the processor yet."
        if facts.next_available_at is not None:
            words += f" The next part is on {facts.next_available_at:%d %B %Y}."
        return PayoutObstacle.FUNDS_NOT_AVAILABLE, words + nets
    if facts.waiting_for_fees.amount_minor > 0:
        words = f"The processor has not named its fees for {facts.waiting_for_fees} yet."
        return PayoutObstacle.FEE_UNKNOWN, words + nets
    if debt.amount_minor > 0:
        words = f"Refunds and disputes after earlier payouts come to {debt} more than is owed."
        return PayoutObstacle.NOTHING_OWED, words
    return PayoutObstacle.NOTHING_OWED, "There is nothing to pay out."


def _find_obstacle_of_account(facts: PayoutFacts) -> tuple[PayoutObstacle, str] | None:
    if not facts.has_account:
        words = "There is no account to pay to: connect a Stripe account for payouts."
        return PayoutObstacle.NO_ACCOUNT, words
    if not facts.is_platform_connected:
        words = "The platform’s own account at this processor is not connected."
        return PayoutObstacle.PLATFORM_NOT_CONNECTED, words
    if not facts.can_receive:
        words = facts.account_obstacle or "The account does not accept transfers."
        return PayoutObstacle.ACCOUNT_CANNOT_RECEIVE, words
    if not facts.pays_to_bank:
        words = facts.account_obstacle or "Payouts to the account’s bank are switched off."
        return PayoutObstacle.PAYOUTS_DISABLED, words
    return None
