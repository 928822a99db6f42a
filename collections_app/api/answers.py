"""Collections → the bodies of answers about them."""

from collections.abc import Mapping
from typing import Any

from django.db.models import Count, Sum
from django.http import Http404
from rest_framework.request import Request

from bookedbarber.accounts.api.authentication import get_person
from bookedbarber.accounts.models import User
from bookedbarber.foundation.api.errors import build_body
from bookedbarber.foundation.api.pagination import paginate
from bookedbarber.foundation.idempotency import Answer
from bookedbarber.foundation.money import Money

from ..models import CollectionAttempt, CollectionLine, PlatformCollection
from ..queries.lines import LineDetail, describe_lines
from ..queries.positions import Position
from ..queries.summaries import CurrencySummary, Summary, Tally
from ..states import AttemptState, LineState
from .serializers import (
    AttemptOutput,
    BreakdownOutput,
    CollectionOutput,
    PositionOutput,
    RelatedTransaction,
    SummaryOutput,
)


def find_visible(user: User, environment: str, collection_id: str) -> PlatformCollection:
    visible = PlatformCollection.objects.visible_to(user).filter(environment=environment)
    found = visible.select_related("barber").filter(public_id=collection_id).first()
    if found is None:
        raise Http404
    return found


def render_collection(collection: PlatformCollection) -> dict[str, Any]:
    return dict(CollectionOutput(collection).data)


def render_detail(request: Request, collection: PlatformCollection) -> dict[str, Any]:
    """With a page of its lines, newest first."""
    lines = CollectionLine.objects.visible_to(get_person(request)).filter(collection=collection)
    page = paginate(request, lines.with_facts(), lambda line: line).data
    attempts = collection.attempts.order_by("number")
    return {
        **render_collection(collection),
        "related_transactions": [_render_line(line) for line in describe_lines(page["data"])],
        "collection_breakdown": _break_down(collection),
        "attempts": [dict(AttemptOutput(attempt).data) for attempt in attempts],
        "pagination": page["pagination"],
    }


def answer_for_attempt(attempt: CollectionAttempt) -> Answer:
    """200 taken, 202 not known or not settled yet, 402 refused."""
    collection = PlatformCollection.objects.get(pk=attempt.collection_id)
    body = {**render_collection(collection), "attempt": dict(AttemptOutput(attempt).data)}
    if attempt.state == AttemptState.FAILED:
        message = attempt.failure_message or "The debit was refused"
        details = {"reason": attempt.failure_code, "collection": body}
        return 402, build_body("PAYMENT_DECLINED", message, details)
    return (200 if attempt.state == AttemptState.SUCCEEDED else 202), body


def render_positions(positions: Mapping[str, Position]) -> list[dict[str, Any]]:
    return [dict(PositionOutput(position).data) for position in positions.values()]


def render_summary(summary: Summary, period: str) -> dict[str, Any]:
    values = {
        "period": period,
        "since": summary.since,
        "until": summary.until,
        "collection_summary": [_to_summary(one) for one in summary.currencies],
        "commission_breakdown": [
            {"currency": one.currency, "entries": _to_entries(one.by_kind)}
            for one in summary.currencies
        ],
        "trends": [
            {"name": name, "trend": trend}
            for one in summary.currencies
            for name, trend in (("collected", one.collected), ("accrued", one.accrued))
        ],
    }
    return dict(SummaryOutput(values).data)


def _to_summary(one: CurrencySummary) -> dict[str, Any]:
    position = one.position
    return {
        "outstanding": position.outstanding,
        "contested": position.contested,
        "collecting": position.collecting,
        "owed": position.owed,
        "next_collection": position.next_collection,
        "by_status": _to_entries(one.by_state),
    }


def _to_entries(tallies: Mapping[str, Tally]) -> list[dict[str, Any]]:
    return [
        {"name": name, "count": tally.count, "amount": tally.amount}
        for name, tally in sorted(tallies.items())
    ]


def _render_line(line: LineDetail) -> dict[str, Any]:
    return dict(RelatedTransaction(line).data)


def _break_down(collection: PlatformCollection) -> list[dict[str, Any]]:
    """Live lines by what they are of."""
    lines = CollectionLine.objects.filter(collection=collection, state=LineState.LIVE)
    sums = lines.values_list("accrual__kind").annotate(Count("pk"), Sum("amount_minor")).order_by()
    return [
        dict(
            BreakdownOutput(
                {"kind": kind, "count": count, "amount": Money(minor, collection.currency)}
            ).data
        )
        for kind, count, minor in sums
    ]
