"""Differences as items for a person: opened once for an object, resolved when they are gone."""

from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import connection as database

from bookedbarber.foundation.money import Money
from bookedbarber.foundation.transitions import move_all
from processors.models import Connection

from ...models import Discrepancy, ExternalTransaction, ReconciliationRun
from ...queries.comparisons import Found, list_found
from ...rules.differences import RECONCILED_KINDS, Figures, is_urgent, suggest_fixes
from ...states import DiscrepancyKind, DiscrepancyState

_MOST_AT_ONCE = 500
_D = DiscrepancyKind

# Open, of this account and period, and not found any more.
_GONE = """
SELECT d.id FROM payments_discrepancy d
WHERE d.connection_id = %(connection)s AND d.state = 'open' AND d.external_id <> ''
  AND d.occurred_at >= %(since)s AND d.occurred_at < %(until)s
  AND NOT EXISTS (SELECT FROM differences f WHERE f.kind = d.kind
    AND f.movement_kind = d.movement_kind AND f.external_id = d.external_id)
ORDER BY d.id
"""


def open_differences(run: ReconciliationRun) -> int:
    """Open an item for each difference that has none, and that nobody settled as it stands.

    Returns how many. Call it behind `resolve_gone`, so that an object whose difference is another
    one now has no open item left.
    """
    return sum(_open(run, chunk) for chunk in list_found(run))


def resolve_gone(run: ReconciliationRun, *, by: str, now: datetime) -> int:
    """Resolve what both sides agree about by now, or differ about in another way."""
    values: dict[str, Any] = {
        "connection": run.connection_id,
        "since": run.since,
        "until": run.until,
    }
    with database.cursor() as cursor:
        cursor.execute(_GONE, values)
        keys = [key for (key,) in cursor.fetchall()]
    reason = f"Gone: {run.public_id} did not find it any more."
    for start in range(0, len(keys), _MOST_AT_ONCE):
        chunk = Discrepancy.objects.open().filter(pk__in=keys[start : start + _MOST_AT_ONCE])
        rows = list(chunk.select_for_update(of=["self"]).order_by("pk"))
        move_all(rows, DiscrepancyState.RESOLVED, by=by, reason=reason, resolved_at=now)
    return len(keys)


def _open(run: ReconciliationRun, chunk: list[Found]) -> int:
    rows = [_build(run.connection, found) for found in chunk]
    known = _list_known(run, chunk)
    fresh = [row for row in rows if _to_key(row) not in known]
    _replace_plain(run, fresh)
    names = {row.public_id for row in fresh}
    Discrepancy.objects.bulk_create(fresh, ignore_conflicts=True)
    return Discrepancy.objects.filter(public_id__in=names).count()


def _list_known(run: ReconciliationRun, chunk: list[Found]) -> set[str]:
    """Those that are open, and those that a person settled with the figures as they are."""
    names = {found.external_id for found in chunk}
    rows = Discrepancy.objects.filter(connection_id=run.connection_id, external_id__in=names)
    settled = rows.filter(state=DiscrepancyState.RESOLVED).exclude(fix="")
    return {_to_key(row) for row in [*rows.filter(state=DiscrepancyState.OPEN), *settled]}


def _to_key(row: Discrepancy) -> str:
    """A twin is settled for good, any other difference as long as its figures are the same."""
    if row.kind == _D.VISIT_PAID_TWICE:
        return f"{row.kind} {row.movement_kind} {row.external_id}"
    return (
        f"{row.kind} {row.movement_kind} {row.external_id} {_order(row.ours)}{_order(row.theirs)}"
    )


def _order(figures: dict[str, Any] | None) -> str:
    return "-" if figures is None else str(sorted(figures.items(), key=lambda item: item[0]))


def _replace_plain(run: ReconciliationRun, fresh: Iterable[Discrepancy]) -> None:
    """What a sync noticed of the same movement is said here with its figures and fixes."""
    keys = [row.transaction_id for row in fresh if row.transaction_id is not None]
    plain = Discrepancy.objects.open().filter(
        transaction_id__in=keys, kind=_D.AMOUNT_DIFFERS, external_id=""
    )
    move_all(
        list(plain.select_for_update(of=["self"]).order_by("pk")),
        DiscrepancyState.RESOLVED,
        by=f"reconciliation:{run.public_id}",
        reason="A reconciliation found it and says it with its figures.",
        resolved_at=run.started_at,
    )


def _build(connection: Connection, found: Found) -> Discrepancy:
    fixes = suggest_fixes(found.kind, found.movement_kind)
    return Discrepancy(
        kind=found.kind,
        connection=connection,
        leg_id=found.leg_id,
        transaction_id=found.transaction_id,
        twin_id=found.twin_id,
        movement_kind=found.movement_kind,
        external_id=found.external_id,
        occurred_at=found.occurred_at,
        ours=to_json(found.ours),
        theirs=to_json(found.theirs),
        statement=found.statement,
        fixes=[fix.value for fix in fixes],
        is_urgent=is_urgent(
            found.ours, found.theirs, above_minor=settings.RECONCILIATION_URGENT_MINOR
        ),
        explanation=_explain(connection, found),
    )


def to_json(figures: Figures | None) -> dict[str, Any] | None:
    """Figures as a discrepancy keeps them."""
    return None if figures is None else asdict(figures)


def _explain(connection: Connection, found: Found) -> str:
    vendor = connection.processor.title()
    name = f"{found.movement_kind.replace('_', ' ')} {found.external_id}"
    ours, theirs = describe(found.ours), describe(found.theirs)
    match found.kind:
        case _D.MISSING_HERE:
            of_leg = f", of our {found.leg_name}" if found.leg_name else ""
            return f"{vendor} lists {name}{of_leg}: {theirs}. It is not here."
        case _D.MISSING_THERE:
            return f"{name} is here: {ours}. {vendor} has no such object."
        case _D.VISIT_PAID_TWICE:
            twin = ExternalTransaction.objects.get(pk=found.twin_id or 0)
            return (
                f"{name} ({ours or theirs}) follows {twin.external_id} of the same amount by"
                f" {round((found.occurred_at - twin.occurred_at).total_seconds() / 60)} minutes:"
                " the same visit seems to be paid twice."
            )
        case _D.LEG_WITHOUT_MOVEMENT:
            return f"{found.leg_name} was captured ({ours}), and no movement of it is here."
        case _D.ENTRY_WITHOUT_MOVEMENT:
            return f"A payout of {vendor} contains {name} ({theirs}), which nobody lists."
    return f"{name}: here {ours}, at {vendor} {theirs}."


def describe(figures: Figures | None) -> str:
    """One side in words."""
    if figures is None:
        return ""
    fee = figures.fee_minor
    known = "fee not known" if fee is None else f"fee {Money(fee, figures.currency)}"
    tip = f", tip {Money(figures.tip_minor, figures.currency)}" if figures.tip_minor else ""
    amount = Money(figures.amount_minor, figures.currency)
    return f"{amount}{tip}, {known}, {figures.state}"


__all__ = ["RECONCILED_KINDS", "describe", "open_differences", "resolve_gone", "to_json"]
