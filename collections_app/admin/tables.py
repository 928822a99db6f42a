"""Tables below a collection."""

from django.urls import reverse
from django.utils.html import format_html

from bookedbarber.foundation.admin_display import Table, link, moment
from payments.admin.tables import to_entries_table
from payments.models import LedgerEntry
from payments.states import PostingSource

from ..models import CollectionAttempt, CollectionLine, PlatformCollection
from ..queries.descriptions import AttemptRow, LineRow
from ..queries.lines import describe_lines

MOST_ROWS = 200


def tabulate_lines(collection: PlatformCollection) -> Table:
    lines = CollectionLine.objects.filter(collection=collection).with_facts().order_by("pk")
    rows = [LineRow(detail) for detail in describe_lines(lines[:MOST_ROWS])]
    return Table(
        f"Lines, at most {MOST_ROWS}",
        ["Line", "What", "Sale", "Sale’s amount", "Rate", "From", "Amount", "State"],
        [
            [
                link(row.detail.line),
                link(row.detail.accrual, row.what),
                link(row.detail.sale) if row.detail.sale else "–",
                row.detail.sale_amount or "–",
                row.rate or "–",
                row.detail.rate_origin or "–",
                row.detail.line.amount,
                row.status or "live",
            ]
            for row in rows
        ],
    )


def tabulate_attempts(collection: PlatformCollection) -> Table:
    attempts = collection.attempts.order_by("number")[:MOST_ROWS]
    rows = [AttemptRow(attempt) for attempt in attempts]
    return Table(
        "Attempts",
        ["Attempt", "How", "Amount", "State", "At the processor", "Failure", "When"],
        [
            [
                link(row.attempt),
                row.method,
                row.attempt.amount,
                row.attempt.state,
                row.attempt.external_id or row.attempt.reference or "–",
                _describe_failure(row.attempt),
                moment(row.attempt.created_at),
            ]
            for row in rows
        ],
    )


def tabulate_postings(collection: PlatformCollection) -> Table:
    """What the books say of its lines' accruals."""
    accruals = collection.lines.order_by("pk").values_list("accrual_id", flat=True)[:MOST_ROWS]
    entries = LedgerEntry.objects.filter(
        transaction__source_type=PostingSource.ACCRUAL, transaction__source_id__in=list(accruals)
    )
    rows = entries.select_related("transaction", "account").order_by("pk")[:MOST_ROWS]
    return to_entries_table(f"Postings of the lines, at most {MOST_ROWS}", rows)


def link_to_page(collection: PlatformCollection) -> str:
    """The page that the barber sees."""
    address = reverse("collection_detail", args=[collection.public_id])
    return format_html('<a href="{}">{}</a>', address, collection.public_id)


def _describe_failure(attempt: CollectionAttempt) -> str:
    if not attempt.failure_class:
        return "–"
    return f"{attempt.failure_class}: {attempt.failure_message} ({attempt.failure_code})"
