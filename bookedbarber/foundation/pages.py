"""Long lists, a part at a time: the address names the row that a part begins behind."""

from dataclasses import dataclass
from typing import Generic, TypeVar

from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404

M = TypeVar("M", bound=Model)

# As many digits as every bigint has room for.
MOST_DIGITS = 18


@dataclass(frozen=True, slots=True)
class Part(Generic[M]):
    """`last` is the row that the next part begins behind, None where nothing follows."""

    rows: list[M]
    last: M | None
    is_first: bool


def take_newest(request: HttpRequest, rows: QuerySet[M], *, at_most: int) -> Part[M]:
    """Newest first; `?before=<public id>` takes those made before that one.

    :raises Http404: none of these rows has that public id.
    """
    before = request.GET.get("before", "")
    behind = rows
    if before:
        behind = rows.filter(pk__lt=get_object_or_404(rows, public_id=before).pk)
    return _take(behind.order_by("-pk"), at_most, is_first=not before)


def take_oldest(request: HttpRequest, rows: QuerySet[M], *, at_most: int) -> Part[M]:
    """Oldest first; `?after=<number>` takes those made after the row of that number.

    :raises Http404: that is no number.
    """
    after = request.GET.get("after", "")
    behind = rows.filter(pk__gt=_read_number(after)) if after else rows
    return _take(behind.order_by("pk"), at_most, is_first=not after)


def _take(rows: QuerySet[M], at_most: int, *, is_first: bool) -> Part[M]:
    found = list(rows[: at_most + 1])
    part = found[:at_most]
    return Part(part, part[-1] if len(found) > at_most else None, is_first)


def _read_number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= MOST_DIGITS):
        raise Http404
    return int(text)
