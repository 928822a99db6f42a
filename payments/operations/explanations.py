"""What a person says about money that nothing of ours explains."""

from datetime import datetime
from decimal import Decimal

from django.db import connection as database
from django.db import transaction
from django.db.models import QuerySet

from bookedbarber.accounts.models import Barber
from bookedbarber.foundation.errors import Conflict
from bookedbarber.foundation.money import Money
from processors.contract import PaymentMethodKind

from ..models import Discrepancy, ExternalTransaction
from ..queries.commission_terms import load_terms
from ..rules.commission import CommissionTerms, calculate_base
from ..states import Fix, Purpose, TransactionKind, TransactionState
from .discrepancies import ReasonMissing, resolve_discrepancy
from .movement_postings import post_movements
from .recording.facts import Recorded, list_columns

# With what is about it; each gets the day of its barber.
_EXPLAIN = f"""
UPDATE payments_externaltransaction AS t SET purpose = %(purpose)s, barber_id = b.id,
  commission_rate = %(rate)s,
  base_minor = CASE WHEN t.id = %(movement)s THEN %(base)s ELSE t.base_minor END,
  local_day = (t.occurred_at AT TIME ZONE b.time_zone)::date
FROM accounts_barber b, processors_connection c
WHERE b.id = %(barber)s AND c.id = t.connection_id
  AND (t.id = %(movement)s OR t.sale_id = %(movement)s OR t.parent_id = %(movement)s)
RETURNING {list_columns("t", "c")}
"""  # noqa: S608  the parts are constants


class NotToBeExplained(Conflict):
    """Only completed money on the platform's account, explained by nothing, is explained."""


@transaction.atomic
def explain_movement(
    *, movement: ExternalTransaction, barber: Barber, reason: str, by: str, now: datetime
) -> ExternalTransaction:
    """Say that a charge was a sale of this barber, or a transfer a payout to him.

    Its amount leaves suspense for the proper accounts, on the barber's terms of that day, and
    so does all that is about it; its open discrepancies are resolved.

    :raises NotToBeExplained: it is explained, not completed, about another movement, neither a
        charge nor a transfer, on a barber's own account, or given back, or about to be.
    :raises ReasonMissing: no reason is given.
    """
    if not reason.strip():
        raise ReasonMissing(field="reason")
    row = ExternalTransaction.objects.select_for_update().get(pk=movement.pk)
    _check(row)
    for discrepancy in _list_open(row):
        resolve_discrepancy(discrepancy=discrepancy, reason=reason, by=by, now=now)
    post_movements(_explain(row, barber), by=by, now=now)
    row.refresh_from_db()
    return row


def _list_open(row: ExternalTransaction) -> QuerySet[Discrepancy]:
    rows = Discrepancy.objects.open()
    return rows.filter(transaction=row) | rows.on_closed_leg(row)


def _check(row: ExternalTransaction) -> None:
    can_be_explained = (
        row.owner_id == 0
        and row.purpose == Purpose.UNEXPLAINED
        and row.state == TransactionState.COMPLETED
        and row.kind in {TransactionKind.CHARGE, TransactionKind.TRANSFER}
    )
    if not can_be_explained:
        raise NotToBeExplained(f"{row} is {row.state} and counts as {row.purpose}")
    if not row.get_left() or _list_open(row).filter(fix=Fix.REFUND_IT).exists():
        raise NotToBeExplained(f"{row} was given back, or is about to be")


def _explain(row: ExternalTransaction, barber: Barber) -> list[Recorded]:
    is_sale = row.kind == TransactionKind.CHARGE
    terms = CommissionTerms(rate=Decimal(0))
    if is_sale:
        terms = load_terms([barber.pk]).get_terms_of(barber.pk, at=row.occurred_at)
    tip = Money(row.tip_minor, row.currency)
    base = calculate_base(row.amount, tip, terms, PaymentMethodKind(row.method))
    values = {
        "movement": row.pk,
        "barber": barber.pk,
        "purpose": Purpose.SALE if is_sale else Purpose.PAYOUT,
        "rate": terms.rate,
        "base": base.amount_minor if is_sale else 0,
    }
    with database.cursor() as cursor:
        cursor.execute(_EXPLAIN, values)
        return [Recorded(*columns) for columns in cursor.fetchall()]
