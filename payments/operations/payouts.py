"""Paying barbers out: claim entries, commit, transfer, settle."""

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from django.conf import settings
from django.db import connection as database
from django.utils import timezone

from bookedbarber.accounts.models import Barber
from bookedbarber.foundation.database import retry_transaction
from bookedbarber.foundation.ids import new_public_id

from ..models import Payout
from ..queries.payables import FREE_ENTRIES, Payable, get_payable_values, list_payables
from ..states import FailureKind
from .payout_destinations import renew_destinations
from .payout_discrepancies import report_unknown_fees, resolve_known_fees
from .payout_sending import send_payout
from .payout_settlement import settle_payout

# So few in one transaction that their lease lasts until the last of them is sent.
MOST_AT_ONCE = 20

_CREATE = f"""
WITH {FREE_ENTRIES}, wanted AS (
  SELECT * FROM jsonb_to_recordset(%(wanted)s) AS w(barber_id bigint, currency text,
    public_id text, connection_id bigint, destination_id bigint, minimum_minor bigint)
), chosen AS (
  SELECT j.*, j.gross - j.withheld AS amount FROM judged j WHERE j.part = 'available'
), sums AS (
  SELECT barber_id, currency, sum(amount)::bigint AS amount FROM chosen
  GROUP BY barber_id, currency
), born AS (
  INSERT INTO payments_payout (public_id, environment, barber_id, connection_id, destination_id,
    amount_minor, reversed_minor, currency, state, bank_state, bank_message, external_id,
    destination_payment, lease_until, checks, is_unanswered, failure_kind, failure_code,
    failure_message, created_by, created_at)
  SELECT w.public_id, %(environment)s, w.barber_id, w.connection_id, w.destination_id, s.amount,
    0, w.currency, 'submitted', 'none', '', '', '', %(lease_until)s, 0, false, '', '', '',
    %(by)s, %(now)s
  FROM wanted w JOIN sums s USING (barber_id, currency)
  WHERE s.amount >= greatest(w.minimum_minor, 1)
  ORDER BY w.barber_id, w.currency
  ON CONFLICT DO NOTHING
  RETURNING id, barber_id, currency
), lined AS (
  INSERT INTO payments_payoutline
    (payout_id, entry_id, movement_id, kind, amount_minor, withheld_minor, currency)
  SELECT b.id, c.entry_id, c.movement_id, c.kind, c.amount, c.withheld, c.currency
  FROM born b JOIN chosen c USING (barber_id, currency)
  ORDER BY c.entry_id
)
SELECT id FROM born ORDER BY id
"""  # noqa: S608  the parts are constants


def pay_out(*, by: str, now: datetime, barber_ids: Sequence[int] | None = None) -> list[Payout]:
    """Pay every barber (or these) what can be paid now. Repeatable at any moment, also at once.

    Returns the payouts made, whatever became of each. It ends early when the platform's account
    cannot be reached or is refused: the next run goes on.
    """
    renew_destinations(by=by, now=now, barber_ids=barber_ids)
    made: list[Payout] = []
    due = iter(list_due(now=now, barber_ids=barber_ids))
    while batch := list(islice(due, MOST_AT_ONCE)):
        sent = [_send(payout, by, now) for payout in create_payouts(due=batch, by=by, now=now)]
        made += sent
        if any(payout.failure_kind in _FUTILE for payout in sent):
            break
    return made


def list_due(*, now: datetime, barber_ids: Sequence[int] | None = None) -> list[Payable]:
    """Whom `pay_out` would pay now, and what."""
    payables = list_payables(now=now, barber_ids=barber_ids)
    return [payable for payable in payables if payable.decision.obstacle is None]


@retry_transaction
def create_payouts(*, due: Sequence[Payable], by: str, now: datetime) -> list[Payout]:
    """Reserve what can be paid: one payout for each barber and currency, its entries as lines.

    Whatever was due when it was read is judged again under the barber's lock; a barber that
    another builder holds is left to that one. The caller sends each payout after the commit.

    :raises ValueError: more than 20 at a time, which would outlast their lease.
    """
    if len(due) > MOST_AT_ONCE:
        raise ValueError(f"at most {MOST_AT_ONCE} payouts at a time")
    locked = _lock_barbers([payable.barber_id for payable in due])
    wanted = [_to_wanted(payable) for payable in due if payable.barber_id in locked]
    values = get_payable_values(now=now, barber_ids=locked) | {
        "wanted": json.dumps(wanted),
        "by": by,
        # By the real clock, which the sweeper compares with.
        "lease_until": timezone.now() + timedelta(seconds=settings.PAYOUT_LEASE_SECONDS),
    }
    with database.cursor() as cursor:
        # A statement of its own, so that it sees what the lock's last holder did.
        cursor.execute(_CREATE, values)
        ids = [row[0] for row in cursor.fetchall()]
    report_unknown_fees(payout_ids=ids)
    resolve_known_fees(payout_ids=ids, by=by, now=now)
    rows = Payout.objects.filter(pk__in=ids).select_related("connection", "destination", "barber")
    return list(rows.order_by("pk"))


def _lock_barbers(barber_ids: Sequence[int]) -> list[int]:
    """Lock those who are free. Sales that only refer to a barber are not in the way."""
    free = Barber.objects.select_for_update(no_key=True, skip_locked=True, of=["self"])
    return list(free.filter(pk__in=barber_ids).order_by("pk").values_list("pk", flat=True))


def _to_wanted(payable: Payable) -> dict[str, Any]:
    return {
        "barber_id": payable.barber_id,
        "currency": payable.currency,
        "public_id": new_public_id("pyo"),
        "connection_id": payable.platform_id,
        "destination_id": payable.destination_id,
        "minimum_minor": payable.facts.minimum.amount_minor,
    }


def _send(payout: Payout, by: str, now: datetime) -> Payout:
    return settle_payout(payout=payout, evidence=send_payout(payout=payout), by=by, now=now)


# The next barber's transfer would end the same way.
_FUTILE = {FailureKind.CREDENTIALS, FailureKind.NOT_REACHED}
