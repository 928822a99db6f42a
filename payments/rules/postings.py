"""Facts → entries in the books. Pure: the posting table.

Sign: `+` debit, the platform holds more or is owed more; `−` credit, it owes more or earned.
Every posting sums to zero.

A movement on a platform account changes `clearing` by what came in; the other side says what for.
With G the amount, C its commission and f its fee, for what came in (for what left, the opposite):

    purpose      clearing +G and                                    its fee: clearing −f and
    sale         commission −C · payable −(G−C)                     payable +f
    commission   commission −G                                      processing_fees +f
    payout       payable −G                                         processing_fees +f
    debit        receivable −G                                      processing_fees +f
    own          bank −G, or processing_fees −G of a processor,     processing_fees +f
                 or exchange −G of a conversion's side
    unexplained  suspense −G                                        processing_fees +f

What a barber comes to owe beside the movements (an accrual), and what people decide, is below.
"""

from dataclasses import dataclass
from datetime import datetime

from bookedbarber.foundation.money import Money

from ..states import AccountCode, PostingSource, Purpose, TransactionKind
from .movements import CONVERSION_KINDS, PROCESSOR_KINDS, get_sign


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
    """A completed movement on a platform account, as far as the books are concerned.

    `commission`: of a sale; of a refund or dispute what of it is given back.
    """

    id: int
    environment: str
    connection_id: int
    barber_id: int
    gross: Money
    commission: Money
    occurred_at: datetime
    kind: str = TransactionKind.CHARGE
    purpose: str = Purpose.SALE


_BARBERS_OWN = {AccountCode.PAYABLE, AccountCode.RECEIVABLE}
_DEBIT_KINDS = {
    TransactionKind.CHARGE: "debit",
    TransactionKind.DISPUTE: "debit_returned",
    TransactionKind.DISPUTE_WON: "debit_restored",
    TransactionKind.REFUND: "debit_refunded",
    TransactionKind.REFUND_FAILED: "debit_refund_failed",
}


def post_platform_movement(movement: PlatformMovement) -> Posting:
    """Clearing against what it is for."""
    return _post(
        movement,
        _name(movement),
        (
            Entry(
                AccountCode.CLEARING,
                _get_incoming(movement),
                connection_id=movement.connection_id,
            ),
            *_get_uses(movement),
        ),
    )


def _name(movement: PlatformMovement) -> str:
    if movement.purpose == Purpose.UNEXPLAINED:
        return "unexplained"
    if movement.purpose == Purpose.DEBIT:
        return _DEBIT_KINDS.get(TransactionKind(movement.kind), f"debit_{movement.kind}")
    if movement.kind in CONVERSION_KINDS:
        return "conversion"
    return "sale" if movement.kind == TransactionKind.CHARGE else movement.kind


def post_platform_fee(movement: PlatformMovement, change: Money, revision: int) -> Posting:
    """clearing −f against who bears it, where f is what was not posted before."""
    return _post(
        movement,
        "fee",
        (
            Entry(AccountCode.CLEARING, -change, connection_id=movement.connection_id),
            _bear_fee(movement, change),
        ),
        revision,
    )


def post_explained(movement: PlatformMovement, fee: Money) -> Posting:
    """suspense +G against what it is for after all; the fee that was posted of it goes with it."""
    bearer = _bear_fee(movement, fee)
    is_borne = bearer.code == AccountCode.PROCESSING_FEES
    return _post(
        movement,
        "explained",
        (
            Entry(AccountCode.SUSPENSE, _get_incoming(movement)),
            *_get_uses(movement),
            *(() if is_borne else (Entry(AccountCode.PROCESSING_FEES, -fee), bearer)),
        ),
    )


def post_accrual(
    *,
    accrual_id: int,
    environment: str,
    barber_id: int,
    amount: Money,
    occurred_at: datetime,
    against: AccountCode = AccountCode.COMMISSION,
) -> Posting:
    """receivable +C · against −C: income, or payable of what is carried over"""
    return Posting(
        environment=environment,
        kind="accrual",
        source_type=PostingSource.ACCRUAL,
        source_id=accrual_id,
        occurred_at=occurred_at,
        entries=(
            Entry(AccountCode.RECEIVABLE, amount, barber_id),
            Entry(against, -amount, _get_owner(against, barber_id)),
        ),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What a person decided about money between the platform and a barber.

    `source` is the attempt, the collection or the audit entry that says so.
    """

    source_type: PostingSource
    source_id: int
    environment: str
    barber_id: int
    amount: Money
    occurred_at: datetime


def post_netting(decision: Decision) -> Posting:
    """payable +X · receivable −X"""
    return _post_decision(decision, "netting", AccountCode.PAYABLE, AccountCode.RECEIVABLE)


def post_manual_payment(decision: Decision) -> Posting:
    """bank +X · receivable −X"""
    return _post_decision(decision, "manual_payment", AccountCode.BANK, AccountCode.RECEIVABLE)


def post_waiver(decision: Decision) -> Posting:
    """waived +X · receivable −X"""
    return _post_decision(decision, "waiver", AccountCode.WAIVED, AccountCode.RECEIVABLE)


def post_goodwill(decision: Decision) -> Posting:
    """waived +x · payable −x"""
    return _post_decision(decision, "goodwill", AccountCode.WAIVED, AccountCode.PAYABLE)


def _post_decision(
    decision: Decision, kind: str, debit: AccountCode, credit: AccountCode
) -> Posting:
    barber_id, amount = decision.barber_id, decision.amount
    return Posting(
        environment=decision.environment,
        kind=kind,
        source_type=decision.source_type,
        source_id=decision.source_id,
        occurred_at=decision.occurred_at,
        entries=(
            Entry(debit, amount, _get_owner(debit, barber_id)),
            Entry(credit, -amount, _get_owner(credit, barber_id)),
        ),
    )


def _get_owner(code: AccountCode, barber_id: int) -> int:
    return barber_id if code in _BARBERS_OWN else 0


def _get_incoming(movement: PlatformMovement) -> Money:
    return movement.gross if get_sign(movement.kind) > 0 else -movement.gross


def _get_uses(movement: PlatformMovement) -> tuple[Entry, ...]:
    """The other side of what came in."""
    incoming = _get_incoming(movement)
    match movement.purpose:
        case Purpose.SALE:
            return _share_sale(movement, incoming)
        case Purpose.OWN:
            return (Entry(_get_own_account(movement.kind), -incoming),)
        case Purpose.COMMISSION:
            return (Entry(AccountCode.COMMISSION, -incoming),)
        case Purpose.PAYOUT:
            return (Entry(AccountCode.PAYABLE, -incoming, movement.barber_id),)
        case Purpose.DEBIT:
            return (Entry(AccountCode.RECEIVABLE, -incoming, movement.barber_id),)
    return (Entry(AccountCode.SUSPENSE, -incoming),)


def _get_own_account(kind: str) -> AccountCode:
    if kind in CONVERSION_KINDS:
        return AccountCode.EXCHANGE
    return AccountCode.PROCESSING_FEES if kind in PROCESSOR_KINDS else AccountCode.BANK


def _share_sale(movement: PlatformMovement, incoming: Money) -> tuple[Entry, ...]:
    earned = movement.commission if get_sign(movement.kind) > 0 else -movement.commission
    return (
        Entry(AccountCode.COMMISSION, -earned),
        Entry(AccountCode.PAYABLE, -(incoming - earned), movement.barber_id),
    )


def _bear_fee(movement: PlatformMovement, fee: Money) -> Entry:
    """The barber bears the fee of his sale, the platform every other."""
    if movement.purpose == Purpose.SALE:
        return Entry(AccountCode.PAYABLE, fee, movement.barber_id)
    return Entry(AccountCode.PROCESSING_FEES, fee)


def _post(
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
