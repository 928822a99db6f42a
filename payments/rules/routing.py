"""Where a payment goes, and why. Pure.

Every candidate account is judged first; then the barber's mode chooses between the platform's
account and the barber's best usable one.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bookedbarber.foundation.money import Money

from ..errors import PaymentRoutingFailed
from ..states import ClientPreference, Decision, Mode
from .commission import CommissionTerms
from .fees import FeeTerms, estimate_processing_fee
from .splits import divide_sale, find_split_obstacle


class Reason(StrEnum):
    """Why this account."""

    MODE_IS_CENTRALIZED = "mode_is_centralized"
    MODE_IS_DECENTRALIZED = "mode_is_decentralized"
    CLIENT_PREFERENCE = "client_preference"
    ABOVE_SPLIT_THRESHOLD = "above_split_threshold"
    SPLIT_NOT_POSSIBLE = "split_not_possible"
    BELOW_MIN_EXTERNAL_AMOUNT = "below_min_external_amount"
    ABOVE_MAX_PLATFORM_AMOUNT = "above_max_platform_amount"
    LOWER_FEES = "lower_fees"
    EQUAL_FEES = "equal_fees"
    ONLY_USABLE_ACCOUNT = "only_usable_account"
    NO_USABLE_CONNECTION = "no_usable_connection"


class Obstacle(StrEnum):
    """Why not that account."""

    NOT_CONNECTED = "not_connected"
    DISABLED = "disabled"
    NO_PAYMENTS = "payments_not_supported"
    CURRENCY_NOT_SETTLED = "currency_not_settled"
    NO_PAYMENT_TOKEN = "no_payment_token"  # noqa: S105  a reason, not a secret


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """A barber's config in force. Thresholds are amounts of `currency`."""

    mode: Mode
    commission: CommissionTerms
    currency: str
    min_external_minor: int | None = None
    max_platform_minor: int | None = None
    split_threshold_minor: int | None = None
    smallest_leg_minor: int = 50
    fallback_enabled: bool = True
    preferred_processor: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """One processor account as routing sees it."""

    connection_id: int
    processor: str
    name: str
    is_platform: bool
    is_connected: bool
    is_disabled: bool
    takes_payments: bool
    currencies: tuple[str, ...]
    fees: FeeTerms
    connected_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RoutingFacts:
    """`tokens_for` holds the connection ids that the payer has a token for; None: not known.
    `payee` is what a refusal calls the barber. `tip` is part of the amount; None: there is none."""

    terms: Terms
    accounts: tuple[Account, ...]
    amount: Money
    tip: Money | None = None
    preference: ClientPreference | None = None
    tokens_for: frozenset[int] | None = None
    payee: str = "the barber"


@dataclass(frozen=True, slots=True)
class Candidate:
    account: Account
    obstacle: Obstacle | None

    @property
    def is_usable(self) -> bool:
        return self.obstacle is None


@dataclass(frozen=True, slots=True)
class CommissionLeg:
    """The platform's part of a split sale and the account that takes it."""

    account: Account
    amount: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """`account` takes the sale; of a split one all but what the commission leg takes."""

    decision: Decision
    account: Account
    reason: Reason
    explanation: str
    candidates: tuple[Candidate, ...]
    commission_leg: CommissionLeg | None = None

    def list_legs(self, amount: Money) -> list[tuple[Account, Money]]:
        """Which account takes how much of the sale; the commission leg comes last."""
        part = self.commission_leg
        if part is None:
            return [(self.account, amount)]
        return [(self.account, amount - part.amount), (part.account, part.amount)]


@dataclass(frozen=True, slots=True)
class _Choice:
    """What the rules want before we ask whether it is usable."""

    wants_platform: bool
    reason: Reason
    sentence: str
    commission_leg: CommissionLeg | None = None


def decide_route(facts: RoutingFacts) -> Route:
    """Choose the account for a payment; equal facts give equal routes.

    :raises PaymentRoutingFailed: no account that the rules allow is usable; says why.
    """
    candidates = judge_accounts(facts)
    platform = _get_platform(candidates)
    external = _get_best_external(candidates, facts.terms)
    choice = _choose(facts, platform, external)
    if choice.wants_platform:
        chosen, decision = _demand(platform, facts, candidates), Decision.CENTRALIZED
    elif external is not None:
        is_split = choice.commission_leg is not None
        chosen, decision = external, Decision.SPLIT if is_split else Decision.EXTERNAL
    else:
        choice = _fall_back(choice, facts, candidates)
        chosen, decision = _demand(platform, facts, candidates), Decision.FALLBACK
    return Route(
        decision=decision,
        account=chosen,
        reason=choice.reason,
        explanation=_explain(choice, chosen, candidates),
        candidates=candidates,
        commission_leg=choice.commission_leg,
    )


def judge_accounts(facts: RoutingFacts) -> tuple[Candidate, ...]:
    """Every account with what rules it out for this payment."""
    return tuple(Candidate(account, _find_obstacle(account, facts)) for account in facts.accounts)


def find_fallback(facts: RoutingFacts) -> Account | None:
    """The platform's account, if it may and could take this payment when the barber's cannot."""
    platform = next((account for account in facts.accounts if account.is_platform), None)
    is_allowed = facts.terms.mode == Mode.HYBRID or facts.terms.fallback_enabled
    if facts.terms.mode == Mode.CENTRALIZED or not is_allowed or platform is None:
        return None
    return None if _find_obstacle(platform, facts) else platform


def _find_obstacle(account: Account, facts: RoutingFacts) -> Obstacle | None:
    if not account.is_connected:
        return Obstacle.NOT_CONNECTED
    if account.is_disabled:
        return Obstacle.DISABLED
    if not account.takes_payments:
        return Obstacle.NO_PAYMENTS
    if facts.amount.currency not in account.currencies:
        return Obstacle.CURRENCY_NOT_SETTLED
    if facts.tokens_for is not None and account.connection_id not in facts.tokens_for:
        return Obstacle.NO_PAYMENT_TOKEN
    return None


def _get_platform(candidates: tuple[Candidate, ...]) -> Account | None:
    usable = (found.account for found in candidates if found.is_usable)
    return next((account for account in usable if account.is_platform), None)


def _get_best_external(candidates: tuple[Candidate, ...], terms: Terms) -> Account | None:
    """The preferred processor's account, else the one most recently connected."""
    usable = [
        found.account for found in candidates if found.is_usable and not found.account.is_platform
    ]
    return max(
        usable,
        key=lambda account: (
            account.processor == terms.preferred_processor,
            account.connected_at,
            account.connection_id,
        ),
        default=None,
    )


def _choose(facts: RoutingFacts, platform: Account | None, external: Account | None) -> _Choice:
    if facts.terms.mode == Mode.CENTRALIZED:
        return _Choice(
            True,
            Reason.MODE_IS_CENTRALIZED,
            "The barber is paid through the platform",
        )
    if facts.terms.mode == Mode.DECENTRALIZED:
        return _Choice(
            False, Reason.MODE_IS_DECENTRALIZED, "The barber takes payments on an own account"
        )
    return (
        _choose_by_preference(facts, platform, external)
        or _choose_split(facts, platform, external)
        or _choose_by_threshold(facts)
        or _choose_by_fees(facts, platform, external)
    )


def _choose_by_preference(
    facts: RoutingFacts, platform: Account | None, external: Account | None
) -> _Choice | None:
    if facts.preference == ClientPreference.PLATFORM and platform:
        return _Choice(True, Reason.CLIENT_PREFERENCE, "The client asked for the platform")
    if facts.preference == ClientPreference.EXTERNAL and external:
        return _Choice(False, Reason.CLIENT_PREFERENCE, "The client asked for the barber's account")
    return None


def _choose_split(
    facts: RoutingFacts, platform: Account | None, external: Account | None
) -> _Choice | None:
    """From the threshold up, in the config's currency: both legs, or the barber's account alone."""
    terms, amount = facts.terms, facts.amount
    low = terms.split_threshold_minor
    if low is None or amount.currency != terms.currency or amount.amount_minor < low:
        return None
    tip = facts.tip or Money.zero(amount.currency)
    shares = divide_sale(amount, tip, terms.commission)
    smallest = Money(terms.smallest_leg_minor, amount.currency)
    begin = f"{amount} is to be split from {Money(low, terms.currency)} on"
    obstacle = _find_missing_side(platform, external) or find_split_obstacle(shares, tip, smallest)
    if obstacle or platform is None:
        return _Choice(False, Reason.SPLIT_NOT_POSSIBLE, f"{begin}, but {obstacle}")
    return _Choice(
        False,
        Reason.ABOVE_SPLIT_THRESHOLD,
        f"{begin}: the commission of {shares.commission} on {platform.name}, the rest",
        CommissionLeg(platform, shares.commission),
    )


def _find_missing_side(platform: Account | None, external: Account | None) -> str:
    if platform is None:
        return "the platform's account cannot take its part"
    return "" if external else "no account of the barber can take his part"


def _choose_by_threshold(facts: RoutingFacts) -> _Choice | None:
    """Thresholds count in the config's currency only."""
    terms, amount = facts.terms, facts.amount
    if amount.currency != terms.currency:
        return None
    low, high = terms.min_external_minor, terms.max_platform_minor
    if low is not None and amount.amount_minor < low:
        limit = Money(low, terms.currency)
        return _Choice(
            True,
            Reason.BELOW_MIN_EXTERNAL_AMOUNT,
            f"{amount} is below {limit}, from which on the barber's account is used",
        )
    if high is not None and amount.amount_minor > high:
        limit = Money(high, terms.currency)
        return _Choice(
            False,
            Reason.ABOVE_MAX_PLATFORM_AMOUNT,
            f"{amount} is above {limit}, up to which the platform is used",
        )
    return None


def _choose_by_fees(
    facts: RoutingFacts, platform: Account | None, external: Account | None
) -> _Choice:
    if platform is None or external is None:
        return _Choice(
            external is None, Reason.ONLY_USABLE_ACCOUNT, "No other account can take this payment"
        )
    ours = estimate_processing_fee(facts.amount, platform.fees)
    theirs = estimate_processing_fee(facts.amount, external.fees)
    if ours == theirs:
        # The barber's stated preference breaks the tie; without one the platform does.
        prefers_external = external.processor == facts.terms.preferred_processor
        return _Choice(not prefers_external, Reason.EQUAL_FEES, f"Both accounts cost {ours}")
    return _Choice(
        ours < theirs,
        Reason.LOWER_FEES,
        f"The platform's account costs {ours}, the barber's {theirs}",
    )


def _fall_back(choice: _Choice, facts: RoutingFacts, candidates: tuple[Candidate, ...]) -> _Choice:
    """The platform instead of a barber's account that cannot be used.

    :raises PaymentRoutingFailed: the barber is paid on own accounts alone.
    """
    if facts.terms.mode == Mode.DECENTRALIZED and not facts.terms.fallback_enabled:
        raise PaymentRoutingFailed(
            f"{facts.payee} has no usable connection ({_list_obstacles(candidates)}) and falling "
            "back to the platform is switched off"
        )
    return _Choice(
        True,
        Reason.NO_USABLE_CONNECTION,
        f"{choice.sentence}, but no connection is usable, so the platform takes the payment",
    )


def _demand(
    account: Account | None, facts: RoutingFacts, candidates: tuple[Candidate, ...]
) -> Account:
    if account is None:
        raise PaymentRoutingFailed(
            f"the platform's account cannot take {facts.amount} for {facts.payee} "
            f"({_list_obstacles(candidates)})"
        )
    return account


_OBSTACLE_WORDS: Mapping[Obstacle, str] = {
    Obstacle.NOT_CONNECTED: "is not connected",
    Obstacle.DISABLED: "is switched off",
    Obstacle.NO_PAYMENTS: "cannot take payments",
    Obstacle.CURRENCY_NOT_SETTLED: "does not settle in this currency",
    Obstacle.NO_PAYMENT_TOKEN: "has no payment token from the payer",
}


def _explain(choice: _Choice, chosen: Account, candidates: tuple[Candidate, ...]) -> str:
    obstacles = _list_obstacles(candidates)
    others = f" Ruled out: {obstacles}." if obstacles != "none exists" else ""
    return f"{choice.sentence}: {chosen.name} ({chosen.processor}).{others}"


def _list_obstacles(candidates: tuple[Candidate, ...]) -> str:
    ruled_out = [
        f"connection {found.account.connection_id} ({found.account.name}) "
        f"{_OBSTACLE_WORDS[found.obstacle]}"
        for found in candidates
        if found.obstacle is not None
    ]
    return "; ".join(ruled_out) or "none exists"
