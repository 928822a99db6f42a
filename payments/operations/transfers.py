"""What processors say of transfers and of banks, whoever heard it: webhook, sync, sweeper."""

from datetime import datetime

from django.db import connection as database
from django.db import transaction

from bookedbarber.foundation.database import retry_transaction
from processors.contract import BankPayoutState, BankPayoutStatement, TransferStatement
from processors.models import Connection

from ..models import Payout
from ..states import BankState
from .movements import MovementFact, record_movements
from .payout_sending import to_evidence
from .payout_settlement import note_reversed, settle_payout

MOST_AT_ONCE = 500

# What movements say has come back, where the payout does not say so yet.
_BEHIND = """
SELECT o.id, least(back.amount, o.amount_minor) FROM (
  SELECT connection_id, group_id, sum(amount_minor)::bigint AS amount
  FROM payments_externaltransaction
  WHERE kind = 'transfer_reversed' AND state = 'completed' GROUP BY connection_id, group_id
) back JOIN payments_payout o
  ON o.connection_id = back.connection_id AND o.external_id = back.group_id
WHERE o.external_id <> '' AND back.amount > o.reversed_minor
ORDER BY o.id LIMIT %(most)s
"""

# A later word never comes before an earlier one.
_RANKS = {
    BankState.NONE: 0,
    BankState.IN_TRANSIT: 1,
    BankState.PAID: 2,
    BankState.FAILED: 3,
    BankState.RETURNED: 3,
}


def note_transfer(
    *, statement: TransferStatement, connection: Connection, by: str, now: datetime
) -> Payout | None:
    """Bring the payout of a transfer to what its processor says; safe to repeat, in any order.

    A transfer that is no payout of ours is recorded all the same. Returns the payout.
    """
    payout = Payout.objects.filter(public_id=statement.our_reference, connection=connection).first()
    if payout is None:
        facts = [MovementFact(connection, movement) for movement in statement.movements]
        record_movements(facts, by=by, now=now)
        return None
    evidence = to_evidence(statement=statement)
    return settle_payout(payout=payout, evidence=evidence, by=by, now=now)


@retry_transaction
def follow_reversals(*, by: str) -> int:
    """Let payouts say what movements say has come back of them. Returns how many changed.

    For reversals that came as movements alone, as in a sync.
    """
    with database.cursor() as cursor:
        cursor.execute(_BEHIND, {"most": MOST_AT_ONCE})
        behind = dict(cursor.fetchall())
    rows = Payout.objects.select_for_update(of=["self"]).filter(pk__in=behind).order_by("pk")
    for row in rows:
        note_reversed(payout=row, reversed_minor=behind[row.pk], by=by)
    return len(rows)


@transaction.atomic
def note_bank_payout(*, statement: BankPayoutStatement, processor: str) -> int:
    """Show on payouts what the receiving account's own payment to the bank is doing.

    It moves nothing here. One that fails after it was paid was returned by the bank. Returns how
    many payouts are in it.
    """
    rows = list(
        Payout.objects.select_for_update(of=["self"])
        .filter(
            destination__processor=processor,
            destination__account_id=statement.account_id,
            destination_payment__in=statement.destination_payments,
        )
        .order_by("pk")
    )
    for row in rows:
        _note_bank_state(row, statement)
    return len(rows)


def _note_bank_state(row: Payout, statement: BankPayoutStatement) -> None:
    before, after = BankState(row.bank_state), BankState(statement.state.value)
    if statement.state == BankPayoutState.FAILED and before == BankState.PAID:
        after = BankState.RETURNED
    if _RANKS[after] > _RANKS[before]:
        row.bank_state, row.bank_message = after, statement.failure_message
        row.save(update_fields=["bank_state", "bank_message"])
