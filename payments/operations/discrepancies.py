"""Differences that a person must look at."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from bookedbarber.foundation.audit import record_audit
from bookedbarber.foundation.errors import Invalid
from bookedbarber.foundation.money import Money
from bookedbarber.foundation.transitions import move, move_all
from processors.models import PLATFORM_OWNER_ID

from ..models import Discrepancy, ExternalTransaction, PaymentLeg
from ..rules.differences import suggest_fixes
from ..states import DiscrepancyKind, DiscrepancyState

_SAID = (
    "connection_id",
    "kind",
    "external_id",
    "state",
    "amount_minor",
    "tip_minor",
    "currency",
    "version",
)

# Of what did not complete nothing is booked, so its amount is nothing to differ from.
_DIFFERING = """
SELECT t.id, t.connection_id, t.state, t.amount_minor, t.tip_minor, t.currency,
  s.state, s.amount_minor, s.tip_minor, s.currency
FROM jsonb_to_recordset(%(said)s) AS s(connection_id bigint, kind text, external_id text,
  state text, amount_minor bigint, tip_minor bigint, currency text, version bigint)
JOIN payments_externaltransaction t ON t.connection_id = s.connection_id AND t.kind = s.kind
  AND t.external_id = s.external_id AND t.version <= s.version
WHERE NOT EXISTS (SELECT FROM payments_discrepancy d WHERE d.transaction_id = t.id
  AND d.kind IN ('amount_differs', 'currency_differs', 'status_differs', 'missing_there'))
AND CASE t.state
  WHEN 'pending' THEN false
  WHEN 'completed' THEN
    s.state = 'completed' AND (t.amount_minor, t.tip_minor, t.currency)
      <> (s.amount_minor, s.tip_minor, s.currency)
    OR s.state IN ('failed', 'canceled') AND t.kind = 'charge'
  ELSE s.state = 'completed' END
ORDER BY t.id
"""


class ReasonMissing(Invalid):
    """reason: say why this is settled."""


def open_discrepancy(
    kind: DiscrepancyKind,
    *,
    connection_id: int,
    explanation: str,
    leg_id: int | None = None,
    payout_id: int | None = None,
    movement_kind: str = "",
    external_id: str = "",
) -> None:
    """Hand what is about this leg, payout or object to a person; while it is open, once."""
    row = Discrepancy(
        kind=kind,
        connection_id=connection_id,
        leg_id=leg_id,
        payout_id=payout_id,
        movement_kind=movement_kind,
        external_id=external_id,
        explanation=explanation,
    )
    Discrepancy.objects.bulk_create([row], ignore_conflicts=True)


def report_unknown_outcome(*, leg: PaymentLeg, explanation: str) -> None:
    """Hand a leg that the processor says nothing about to a person, once."""
    open_discrepancy(
        DiscrepancyKind.OUTCOME_UNKNOWN,
        connection_id=leg.connection_id,
        leg_id=leg.pk,
        explanation=explanation,
    )


def report_ending_hold(*, leg: PaymentLeg) -> None:
    """Tell a person of a hold that ends before its capture is known, once."""
    open_discrepancy(
        DiscrepancyKind.HOLD_ENDS,
        connection_id=leg.connection_id,
        leg_id=leg.pk,
        explanation=(
            f"The hold of {leg.amount} ends at {leg.expires_at:%Y-%m-%d %H:%M} UTC and it is not "
            "known to be captured; capture it at the processor, or the sale is undone."
        ),
    )


def report_unexplained(movement_ids: Sequence[int]) -> None:
    """Open a discrepancy for each of these movements that stands alone, once.

    They are completed and no sale of ours explains them; one about another needs none of its
    own. Call it in the transaction that records the movements.
    """
    if not movement_ids:
        return
    rows = list(ExternalTransaction.objects.filter(pk__in=movement_ids, parent=None).order_by("pk"))
    references = [row.our_reference for row in rows if row.our_reference]
    found = PaymentLeg.objects.filter(public_id__in=references)
    legs = {(leg.public_id, leg.connection_id): leg for leg in found}
    Discrepancy.objects.bulk_create(
        [_build(row, legs.get((row.our_reference, row.connection_id))) for row in rows],
        ignore_conflicts=True,
    )


def report_differences(said: Sequence[Mapping[str, Any]]) -> None:
    """Open a discrepancy for each completed movement of which a newer statement says otherwise.

    Once for a movement. A refund that is said to have failed after all is none: that is a
    movement of its own. Call it with the rows that were not written down.
    """
    if not said:
        return
    with connection.cursor() as cursor:
        cursor.execute(_DIFFERING, {"said": json.dumps([_pick(row) for row in said])})
        found = cursor.fetchall()
    Discrepancy.objects.bulk_create(
        (_build_difference(*columns) for columns in found), ignore_conflicts=True
    )


def report_missing_parents(*, before: datetime) -> int:
    """Hand to a person what waits on the platform's account since then, unbooked.

    Once for a movement; how many wait. On their own accounts barbers refund sales from before
    they connected, of which we never hear.
    """
    waiting = ExternalTransaction.objects.completed().waiting()
    rows = list(waiting.filter(owner_id=PLATFORM_OWNER_ID, recorded_at__lt=before))
    Discrepancy.objects.bulk_create(
        (_build_missing(row) for row in rows), ignore_conflicts=True, batch_size=1000
    )
    return len(rows)


def resolve_missing_parents(movement_ids: Sequence[int], *, by: str, now: datetime) -> None:
    """These have found what they are about, in the same transaction."""
    if not movement_ids:
        return
    rows = Discrepancy.objects.open().filter(
        kind=DiscrepancyKind.PARENT_MISSING, transaction_id__in=movement_ids
    )
    reason = "What it is about is recorded now."
    move_all(list(rows), DiscrepancyState.RESOLVED, by=by, reason=reason, resolved_at=now)


@transaction.atomic
def resolve_discrepancy(
    *, discrepancy: Discrepancy, reason: str, by: str, now: datetime
) -> Discrepancy:
    """Close a discrepancy that a person has settled.

    :raises ReasonMissing: no reason is given.
    :raises TransitionNotAllowed: it is resolved already.
    """
    if not reason.strip():
        raise ReasonMissing(field="reason")
    row = Discrepancy.objects.select_for_update().get(pk=discrepancy.pk)
    move(row, DiscrepancyState.RESOLVED, by=by, reason=reason, resolved_at=now, fix="")
    return row


def close_discrepancy(
    *, discrepancy: Discrepancy, fix: str, reason: str, by: str, now: datetime
) -> None:
    """Settle a locked discrepancy by this fix, with an audit entry. In the caller's transaction."""
    row = discrepancy
    before = {"kind": row.kind, "ours": row.ours, "theirs": row.theirs}
    move(row, DiscrepancyState.RESOLVED, by=by, reason=reason, resolved_at=now, fix=fix)
    record_audit(
        subject=row.public_id,
        action="discrepancy.settled",
        by=by,
        before=before,
        after={"fix": fix, "external_id": row.external_id},
        reason=reason,
    )


def build_money_on_closed_leg(
    row: ExternalTransaction, *, leg: PaymentLeg, explanation: str
) -> Discrepancy:
    """A movement that put money on a leg which was closed without; not saved yet."""
    kind = DiscrepancyKind.MONEY_ON_CLOSED_LEG
    return Discrepancy(
        kind=kind,
        leg=leg,
        transaction=row,
        connection_id=row.connection_id,
        fixes=[fix.value for fix in suggest_fixes(kind, row.kind)],
        explanation=explanation,
    )


def _build(row: ExternalTransaction, leg: PaymentLeg | None) -> Discrepancy:
    if leg is not None:
        said = f"{row.amount} moved although {leg.public_id} was {leg.state}; refund it."
        return build_money_on_closed_leg(row, leg=leg, explanation=said)
    return Discrepancy(
        kind=DiscrepancyKind.UNEXPLAINED_MOVEMENT,
        transaction=row,
        connection_id=row.connection_id,
        explanation=f"{row.amount} moved without a reference of ours.",
    )


def _build_missing(row: ExternalTransaction) -> Discrepancy:
    return Discrepancy(
        kind=DiscrepancyKind.PARENT_MISSING,
        transaction=row,
        connection_id=row.connection_id,
        explanation=(
            f"{row.amount} ({row.kind}) is about {row.parent_external_id}, which is not recorded;"
            " it is not in the books. Sync the account from before that."
        ),
    )


def _pick(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: row[name] for name in _SAID}


def _build_difference(movement_id: int, connection_id: int, *columns: Any) -> Discrepancy:
    was, said = columns[:4], columns[4:]
    return Discrepancy(
        kind=DiscrepancyKind.AMOUNT_DIFFERS,
        transaction_id=movement_id,
        connection_id=connection_id,
        explanation=(f"Recorded as {_describe(*was)}; the processor now says {_describe(*said)}."),
    )


def _describe(state: str, amount_minor: int, tip_minor: int, currency: str) -> str:
    return f"{Money(amount_minor, currency)} with a tip of {Money(tip_minor, currency)}, {state}"
