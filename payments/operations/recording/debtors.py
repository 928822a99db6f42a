"""Whose debits movements are: the app that takes money from barbers says so.

That app stands above this one, so the settings name it, as they name the routes of events.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib import import_module
from typing import Protocol, cast

from django.conf import settings

from bookedbarber.foundation.money import Money

from ...states import Purpose
from .facts import MovementFact
from .legs import is_charge
from .parents import Parents


@dataclass(frozen=True, slots=True)
class Debtor:
    """Who is debited under a reference. `is_closed`: it was settled without money."""

    barber_id: int
    time_zone: str
    amount: Money
    is_closed: bool


# A reference counts on the account that debits only: (our reference, connection id).
Debtors = Mapping[tuple[str, int], Debtor]


class DebitBook(Protocol):
    """What the app above says of debits, and hears of them. `settings.DEBIT_BOOK` is its module."""

    def hold_debits(self, references: Collection[str]) -> Debtors:
        """Lock what these references debit until the end of the transaction; say who owes it.

        References of other kinds are passed over.
        """
        ...

    def follow_debits(self, movement_ids: Sequence[int], *, by: str, now: datetime) -> None:
        """Bring collections to what these movements say: in the transaction that records them."""
        ...


def get_debit_book() -> DebitBook:
    return _load(settings.DEBIT_BOOK)


@cache
def _load(module: str) -> DebitBook:
    return cast(DebitBook, import_module(module))


def hold_debtors(facts: Sequence[MovementFact], parents: Parents) -> Debtors:
    """Those whom these movements debit, or give a debit back to, locked before anything else."""
    own = [
        fact.movement.our_reference
        for fact in facts
        if is_charge(fact) and fact.leg is None and fact.connection.is_platform
    ]
    given_back = [
        parent.our_reference for parent in parents.values() if parent.purpose == Purpose.DEBIT
    ]
    references = {reference for reference in own + given_back if reference}
    return get_debit_book().hold_debits(references) if references else {}
