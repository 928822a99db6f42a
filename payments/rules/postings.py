"""Facts → entries in the books. Pure: the posting table, one function a row.

Sign: `+` debit, the platform holds more or is owed more; `−` credit, it owes more or earned.
Every posting sums to zero.
"""

from dataclasses import dataclass
from datetime import datetime

from bookedbarber.foundation.money import Money

from ..states import AccountCode, PostingSource


@dataclass(frozen=True, slots=True)
class Entry:
    """`barber_id` and `connection_id` are 0 for accounts that belong to none."""

    code: AccountCode
    amount: Money
    barber_id: int = 0
    connection_id: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Posting:
    """One fact, unique by (source type, source, kind, revision)."""

    environment: str
    kind: str
    source_type: PostingSource
    source_id: int
    occurred_at: datetime
    entries: tuple[Entry, ...]
    revision: int = 1

    @property
    def fact(self) -> tuple[str, int, str, int]:
        return self.source_type, self.source_id, self.kind, self.revision


@dataclass(frozen=True, slots=True, kw_only=True)
class PlatformMovement:
    """A completed movement on a platform account, as far as the books are concerned."""

    id: int
    environment: str
    connection_id: int
    barber_id: int
    gross: Money
    commission: Money
    occurred_at: datetime


def post_platform_sale(sale: PlatformMovement) -> Posting:
    """clearing +G · commission −C · payable −(G−C)"""
    return _post_movement(
        sale,
        "sale",
        (
            Entry(AccountCode.CLEARING, sale.gross, connection_id=sale.connection_id),
            Entry(AccountCode.COMMISSION, -sale.commission),
            Entry(AccountCode.PAYABLE, -(sale.gross - sale.commission), sale.barber_id),
        ),
    )


def post_platform_fee(sale: PlatformMovement, change: Money, revision: int) -> Posting:
    """clearing −f · payable +f, where f is what was not posted before."""
    return _post_movement(
        sale,
        "fee",
        (
            Entry(AccountCode.CLEARING, -change, connection_id=sale.connection_id),
            Entry(AccountCode.PAYABLE, change, sale.barber_id),
        ),
        revision,
    )


def post_unexplained(movement: PlatformMovement) -> Posting:
    """clearing +x · suspense −x: ours, and nobody knows yet what for."""
    return _post_movement(
        movement,
        "unexplained",
        (
            Entry(AccountCode.CLEARING, movement.gross, connection_id=movement.connection_id),
            Entry(AccountCode.SUSPENSE, -movement.gross),
        ),
    )


def post_accrual(
    *, accrual_id: int, environment: str, barber_id: int, amount: Money, occurred_at: datetime
) -> Posting:
    """receivable +C · commission −C"""
    return Posting(
        environment=environment,
        kind="accrual",
        source_type=PostingSource.ACCRUAL,
        source_id=accrual_id,
        occurred_at=occurred_at,
        entries=(
            Entry(AccountCode.RECEIVABLE, amount, barber_id),
            Entry(AccountCode.COMMISSION, -amount),
        ),
    )


def _post_movement(
    movement: PlatformMovement, kind: str, entries: tuple[Entry, ...], revision: int = 1
) -> Posting:
    return Posting(
        environment=movement.environment,
        kind=kind,
        source_type=PostingSource.MOVEMENT,
        source_id=movement.id,
        occurred_at=movement.occurred_at,
        # An amount of zero (commission at 0 %) is no entry.
        entries=tuple(entry for entry in entries if entry.amount),
        revision=revision,
    )
