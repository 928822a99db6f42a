"""A sale at a terminal, before a vendor made an object of it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TerminalSale:
    """`amount_minor` is without the tip. `location_id`: Square's, the currency's own if None."""

    amount_minor: int
    tip_minor: int
    currency: str
    method: str
    location_id: str | None
    note: str | None

    @property
    def total_minor(self) -> int:
        return self.amount_minor + self.tip_minor
