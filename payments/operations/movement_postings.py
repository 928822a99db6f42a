"""Postings of movements on the platform's accounts."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db import connection as database

from bookedbarber.foundation.money import Money

from ..rules.commission import calculate_base_left, calculate_commission
from ..rules.movements import FAMILY_KINDS, PARENT_KINDS, get_sign
from ..rules.postings import (
    PlatformMovement,
    Posting,
    post_explained,
    post_platform_fee,
    post_platform_movement,
)
from .ledger import post
from .recording.facts import Recorded, list_columns

# Refunds and disputes of sales that are completed, oldest first, with the sale's figures.
_FAMILIES = f"""
SELECT r.amount_minor, r.base_minor, r.commission_rate, {list_columns("k", "c")}
FROM payments_externaltransaction r
JOIN payments_externaltransaction k ON k.sale_id = r.id AND k.state = 'completed'
JOIN processors_connection c ON c.id = k.connection_id
WHERE r.id = ANY(%(sales)s) AND r.state = 'completed' ORDER BY k.id
"""  # noqa: S608  the parts are constants

_BOOKED = """
SELECT t.source_id, t.kind, max(t.revision),
  coalesce(-sum(e.amount_minor) FILTER (WHERE a.code = 'clearing'), 0)::bigint
FROM payments_ledgertransaction t JOIN payments_ledgerentry e ON e.transaction_id = t.id
JOIN payments_ledgeraccount a ON a.id = e.account_id
WHERE t.source_type = 'movement' AND t.source_id = ANY(%(movements)s)
GROUP BY t.source_id, t.kind
"""


@dataclass(frozen=True, slots=True)
class _Member:
    """A refund or dispute, with the figures of the sale that it is about."""

    whole: Money
    base: Money
    rate: Decimal
    row: Recorded

    def get_commission(self, gone_minor: int) -> Money:
        """What the sale bears after that much went back to the payer."""
        gone = Money(gone_minor, self.base.currency)
        left = calculate_base_left(self.base, whole=self.whole, taken=gone)
        return calculate_commission(left, self.rate)


@dataclass(frozen=True, slots=True)
class _Booked:
    """What is in the books of one movement; of its fee the last revision and the sum."""

    kinds: frozenset[str] = frozenset()
    fee_revision: int = 0
    fee_minor: int = 0

    @property
    def is_on_suspense(self) -> bool:
        return "unexplained" in self.kinds and "explained" not in self.kinds

    @property
    def is_placed(self) -> bool:
        """Booked for what it is for."""
        return bool(self.kinds - {"fee"}) and not self.is_on_suspense


_NOTHING = _Booked()


def post_movements(changed: Sequence[Recorded], *, by: str, now: datetime) -> int:
    """Book what these movements changed on the platform's accounts; others book nothing.

    Repeatable: a movement is booked once, its fee by the difference to what was booked of it.
    Refunds and disputes give back commission up to what the sale then bears; they wait for their
    sale. Call it with the sales locked.
    """
    rows = [row for row in changed if row.is_on_platform and row.is_completed]
    if not rows:
        return 0
    members = _list_members(rows)
    alone = [row for row in rows if _stands_alone(row)]
    known = [row.id for row in alone if not row.is_new] + [member.row.id for member in members]
    booked = _load_booked(known)
    postings = [
        *_book_alone(alone, booked),
        *_book_members(members, booked),
    ]
    return post(postings, by=by, now=now)


def _stands_alone(row: Recorded) -> bool:
    """It is booked whatever else is known: no refund or dispute of a sale, no waiting reversal."""
    if row.is_unexplained and row.sale_id is None:
        return True
    if row.kind in FAMILY_KINDS:
        return False
    return row.kind not in PARENT_KINDS or row.parent_id is not None


def _list_members(rows: Sequence[Recorded]) -> list[_Member]:
    """All refunds and disputes of the sales concerned: those that waited for them, too."""
    sales = {row.sale_id for row in rows if row.sale_id is not None}
    sales |= {row.id for row in rows if row.is_charge and not row.is_new}
    if not sales:
        return []
    with database.cursor() as cursor:
        cursor.execute(_FAMILIES, {"sales": sorted(sales)})
        return [_to_member(*columns) for columns in cursor.fetchall()]


def _to_member(whole_minor: int, base_minor: int, rate: Decimal, *columns: object) -> _Member:
    row = Recorded(*columns)  # type: ignore[arg-type]
    whole, base = Money(whole_minor, row.currency), Money(base_minor, row.currency)
    return _Member(whole, base, rate, row)


def _load_booked(movement_ids: Sequence[int]) -> Mapping[int, _Booked]:
    if not movement_ids:
        return {}
    with database.cursor() as cursor:
        cursor.execute(_BOOKED, {"movements": list(movement_ids)})
        lines = cursor.fetchall()
    kinds: dict[int, set[str]] = defaultdict(set)
    fees: dict[int, tuple[int, int]] = {}
    for movement_id, kind, revision, outgoing_minor in lines:
        kinds[movement_id].add(kind)
        if kind == "fee":
            fees[movement_id] = (revision, outgoing_minor)
    return {key: _Booked(frozenset(of), *fees.get(key, (0, 0))) for key, of in kinds.items()}


def _book_alone(rows: Iterable[Recorded], booked: Mapping[int, _Booked]) -> list[Posting]:
    postings = []
    for row in rows:
        base = Money(row.base_minor, row.currency)
        commission = calculate_commission(base, row.commission_rate)
        postings += _book(row, commission, booked.get(row.id, _NOTHING))
    return postings


def _book_members(members: Sequence[_Member], booked: Mapping[int, _Booked]) -> list[Posting]:
    """In the order of their rows; each gives back what the ones before it left to give."""
    gone: dict[int | None, int] = defaultdict(int)
    for member in members:
        if booked.get(member.row.id, _NOTHING).is_placed:
            gone[member.row.sale_id] += _get_outgoing(member.row)
    postings = []
    for member in members:
        row, before = member.row, booked.get(member.row.id, _NOTHING)
        commission = Money.zero(row.currency)
        if not before.is_placed and not row.is_unexplained:
            due_before = member.get_commission(gone[row.sale_id])
            gone[row.sale_id] += _get_outgoing(row)
            step = member.get_commission(gone[row.sale_id]) - due_before
            commission = step if get_sign(row.kind) > 0 else -step
        postings += _book(row, commission, before)
    return postings


def _get_outgoing(row: Recorded) -> int:
    return -get_sign(row.kind) * row.amount_minor


def _book(row: Recorded, commission: Money, before: _Booked) -> list[Posting]:
    movement = PlatformMovement(
        id=row.id,
        environment=row.environment,
        connection_id=row.connection_id,
        barber_id=row.barber_id or 0,
        gross=Money(row.amount_minor, row.currency),
        commission=commission,
        occurred_at=row.occurred_at,
        kind=row.kind,
        purpose=row.purpose,
    )
    postings = []
    if before.is_on_suspense and not row.is_unexplained:
        postings.append(post_explained(movement, Money(before.fee_minor, row.currency)))
    elif not before.kinds - {"fee"}:
        postings.append(post_platform_movement(movement))
    change_minor = 0 if row.fee_minor is None else row.fee_minor - before.fee_minor
    if change_minor:
        change = Money(change_minor, row.currency)
        postings.append(post_platform_fee(movement, change, before.fee_revision + 1))
    return postings
