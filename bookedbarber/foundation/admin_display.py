"""How values look in the admin."""

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import admin
from django.db.models import Model
from django.urls import NoReverseMatch, reverse
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timezone import localtime
from unfold.decorators import display

from .models import AuditEntry, StateChange
from .money import Money
from .redaction import redact

MOST_HISTORY = 200

STATE_COLORS = {
    "completed": "success",
    "captured": "success",
    "succeeded": "success",
    "connected": "success",
    "failed": "danger",
    "error": "danger",
    "expired": "danger",
    "unknown": "warning",
    "requires_action": "warning",
    "disputed": "warning",
    "processing": "info",
    "submitted": "info",
    "pending": "info",
    "authorized": "info",
    "handled": "success",
    "dead": "danger",
    "retrying": "warning",
    "parked": "info",
    "received": "info",
    "sent": "success",
}


@dataclass(frozen=True, slots=True)
class Table:
    """A table below a row's page. Cells are text or safe markup."""

    title: str
    headers: Sequence[str]
    rows: Sequence[Sequence[object]]


def money(column: str, description: str) -> Callable[[Any], str]:
    """A column that shows minor units as "75.00 USD"; what is not known shows as a dash."""

    @admin.display(description=description, empty_value="–")
    def show(row: Any) -> str:
        minor = getattr(row, column)
        return "" if minor is None else str(Money(minor, row.currency))

    return show


def percent(column: str, description: str) -> Callable[[Any], str]:
    """A column that shows a percentage without needless zeros."""

    @admin.display(description=description)
    def show(row: Any) -> str:
        return f"{getattr(row, column):.4f}".rstrip("0").rstrip(".") + " %"

    return show


@display(description="state", label=STATE_COLORS)
def state(row: Any) -> str:
    return str(row.state)


def as_json(value: object) -> SafeString:
    """JSON for reading, secrets masked."""
    text = json.dumps(value, indent=2, sort_keys=True, ensure_ascii=False, default=str)
    return format_html(
        '<pre style="white-space: pre-wrap; overflow-wrap: anywhere">{}</pre>', redact(text)
    )


def breakable(text: str) -> SafeString:
    """A long word that may be broken anywhere."""
    return format_html('<span style="overflow-wrap: anywhere">{}</span>', text)


def moment(value: Any) -> str:
    return "–" if value is None else date_format(localtime(value), "DATETIME_FORMAT")


def link(row: Model, text: str = "") -> SafeString:
    """A link to the row's page in the admin; plain text where it has none."""
    meta = row._meta
    try:
        address = reverse(f"admin:{meta.app_label}_{meta.model_name}_change", args=[row.pk])
    except NoReverseMatch:
        return format_html("{}", text or row)
    return format_html(
        '<a class="text-primary-600 dark:text-primary-500" href="{}">{}</a>', address, text or row
    )


def list_history(subjects: Iterable[str]) -> Table:
    """Moves and acts on the subjects, oldest first: who, when and why."""
    names = list(subjects)
    moves = StateChange.objects.filter(subject__in=names).order_by("id")[:MOST_HISTORY]
    acts = AuditEntry.objects.filter(subject__in=names).order_by("id")[:MOST_HISTORY]
    rows: list[tuple[datetime, str, str, StateChange | AuditEntry]] = []
    rows += [(move.at, move.subject, f"{move.before} → {move.after}", move) for move in moves]
    rows += [(act.at, act.subject, act.action, act) for act in acts]
    rows.sort(key=lambda row: row[0])
    return Table(
        "History",
        ["When", "What", "Did", "By", "Why"],
        [[moment(at), subject, did, row.by, row.reason or "–"] for at, subject, did, row in rows],
    )
