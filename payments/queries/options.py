"""The ways to pay a barber, each with what it would cost."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from bookedbarber.accounts.models import Barber
from bookedbarber.foundation.money import Money

from ..errors import PaymentRoutingFailed
from ..rules.routing import (
    Account,
    RoutingFacts,
    Terms,
    decide_route,
    find_fallback,
    judge_accounts,
)
from .routing import BarberFacts, Fees, estimate_fees, get_barber_facts

# What costs are shown for when nobody says an amount, in major units.
EXAMPLE_AMOUNT = Decimal(100)


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    account: Account
    fees: Fees
    is_default: bool

    @property
    def type(self) -> str:
        return "platform" if self.account.is_platform else "external"


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    barber: Barber
    terms: Terms
    amount: Money
    options: tuple[Option, ...]
    default: Option | None
    fallback_enabled: bool


def list_options(barber: Barber, *, amount: Money | None, now: datetime) -> Options:
    """The platform and every usable connection; the default is what routing would choose."""
    known = get_barber_facts(barber, now=now)
    money = amount or Money.from_major(EXAMPLE_AMOUNT, known.terms.currency)
    facts = RoutingFacts(terms=known.terms, accounts=known.accounts, amount=money)
    chosen_id = _find_default(facts)
    usable = [found.account for found in judge_accounts(facts) if found.is_usable]
    options = tuple(_to_option(account, known, money, chosen_id) for account in usable)
    return Options(
        barber=barber,
        terms=known.terms,
        amount=money,
        options=options,
        default=next((option for option in options if option.is_default), None),
        fallback_enabled=find_fallback(facts) is not None,
    )


def _find_default(facts: RoutingFacts) -> int | None:
    try:
        return decide_route(facts).account.connection_id
    except PaymentRoutingFailed:
        return None


def _to_option(
    account: Account, known: BarberFacts, amount: Money, chosen_id: int | None
) -> Option:
    tip = Money.zero(amount.currency)
    return Option(
        account=account,
        fees=estimate_fees(account, known.terms, amount=amount, tip=tip),
        is_default=account.connection_id == chosen_id,
    )
