"""Tables below a payment, a leg or a connection."""

from collections.abc import Iterable

from django.db.models import Q

from bookedbarber.foundation.admin_display import Table, link, moment
from processors.models import Connection

from ..models import Accrual, ExternalTransaction, LedgerEntry, Payment, PaymentLeg, Refund
from ..states import PostingSource

MOST_ROWS = 200


def tabulate_legs(payment: Payment) -> Table:
    legs = payment.legs.select_related("connection").order_by("id")[:MOST_ROWS]
    return Table(
        "Legs",
        ["Leg", "Account", "Role", "Amount", "State", "At the processor", "Failure"],
        [
            [
                link(leg),
                link(leg.connection),
                leg.role,
                leg.amount,
                leg.state,
                leg.external_id or "–",
                describe_failure(leg),
            ]
            for leg in legs
        ],
    )


def describe_failure(row: PaymentLeg | Refund) -> str:
    if not row.failure_kind:
        return "–"
    return f"{row.failure_kind}: {row.failure_message} ({row.failure_code})"


def tabulate_refunds(refunds: Iterable[Refund]) -> Table:
    return Table(
        "Refunds",
        ["Refund", "Leg", "Amount", "State", "Reason", "Failure", "When"],
        [
            [
                link(refund),
                link(refund.leg),
                refund.amount,
                refund.state,
                refund.reason or "–",
                describe_failure(refund),
                moment(refund.created_at),
            ]
            for refund in refunds
        ],
    )


def tabulate_movements(movements: Iterable[ExternalTransaction]) -> Table:
    return Table(
        "Movements of money",
        ["Movement", "Account", "State", "Amount", "Processing fee", "When"],
        [
            [
                link(movement),
                link(movement.connection),
                movement.state,
                movement.amount,
                movement.fee or "not known yet",
                moment(movement.occurred_at),
            ]
            for movement in movements
        ],
    )


def tabulate_postings(movement_ids: Iterable[int]) -> Table:
    """The ledger's entries of these movements and of the commission that they caused."""
    movements = list(movement_ids)
    accruals = list(Accrual.objects.filter(sale_id__in=movements).values_list("pk", flat=True))
    source = Q(
        transaction__source_type=PostingSource.MOVEMENT, transaction__source_id__in=movements
    ) | Q(transaction__source_type=PostingSource.ACCRUAL, transaction__source_id__in=accruals)
    entries = (
        LedgerEntry.objects.filter(source)
        .select_related("transaction", "account")
        .order_by("transaction_id", "id")[:MOST_ROWS]
    )
    return to_entries_table("Postings", entries)


def tabulate_accrual(accrual: Accrual) -> Table:
    """The ledger's entries of what is no commission."""
    entries = LedgerEntry.objects.filter(
        transaction__source_type=PostingSource.ACCRUAL, transaction__source_id=accrual.pk
    )
    return to_entries_table("Postings", entries.select_related("transaction", "account"))


def to_entries_table(title: str, entries: Iterable[LedgerEntry]) -> Table:
    return Table(
        title,
        ["Transaction", "Ledger account", "Debit (+) or credit (−)", "When"],
        [
            [
                link(entry.transaction),
                link(entry.account),
                f"{'+' if entry.amount_minor > 0 else ''}{entry.amount}",
                moment(entry.transaction.occurred_at),
            ]
            for entry in entries
        ],
    )


def tabulate_candidates(payment: Payment) -> Table:
    """The accounts that were judged when the payment was routed, and what ruled them out."""
    judged = payment.decision_facts.get("candidates", [])
    named = Connection.objects.in_bulk([found["connection_id"] for found in judged])
    return Table(
        "Accounts that were considered",
        ["Account", "Processor", "Usable", "Ruled out because"],
        [
            [
                link(named[found["connection_id"]])
                if found["connection_id"] in named
                else found["connection_id"],
                found["processor"],
                "yes" if found["usable"] else "no",
                (found["reason"] or "–").replace("_", " "),
            ]
            for found in judged
        ],
    )
