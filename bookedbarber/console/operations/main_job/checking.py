"""Driving the main job over HTTP and comparing with what must come of it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db.models import Q

from bookedbarber.foundation.money import Money
from payments.models import Accrual, ExternalTransaction, LedgerEntry
from payments.states import PostingSource

from ..demo.people import DOMAIN
from .scenarios import SCENARIOS, Entries, Scenario
from .visitor import Visitor


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What happened in one scenario; `problems` is empty where all is as it must be."""

    scenario: Scenario
    status: int
    facts: dict[str, Any]
    entries: Entries
    problems: tuple[str, ...]


def check_main_job(*, url: str) -> Iterator[Finding]:
    """Take each sale of the table through the API at `url`.

    :raises NotServed: nobody answers there, or the demo logins do not exist.
    """
    for scenario in SCENARIOS:
        visitor = Visitor(url, email=f"{scenario.login}@{DOMAIN}", password=settings.DEMO_PASSWORD)
        yield _check(scenario, visitor)


def _check(scenario: Scenario, visitor: Visitor) -> Finding:
    answer = visitor.post(
        "/hybrid-payments/process",
        {"amount": scenario.amount, "payment_methods": dict(scenario.payment_methods)},
    )
    facts = {path: _get(answer.body, path) for path in scenario.expected}
    payment_id = answer.body.get("payment_id") or _get(
        answer.body, "error.details.payment.payment_id"
    )
    entries = _list_entries(str(payment_id))
    return Finding(
        scenario=scenario,
        status=answer.status,
        facts=facts,
        entries=entries,
        problems=tuple(_compare(scenario, answer.status, facts, entries)),
    )


def _compare(
    scenario: Scenario, status: int, facts: dict[str, Any], entries: Entries
) -> Iterator[str]:
    if status != scenario.status:
        yield f"status {status} instead of {scenario.status}"
    for path, expected in scenario.expected.items():
        if facts[path] != expected:
            yield f"{path} is {facts[path]!r} instead of {expected!r}"
    if sorted(entries) != sorted(scenario.entries):
        yield f"the ledger has {entries} instead of {scenario.entries}"


def _get(body: dict[str, Any], path: str) -> Any:
    found: Any = body
    for name in path.split("."):
        found = found.get(name) if isinstance(found, dict) else None
    return found


def _list_entries(payment_id: str) -> Entries:
    """All that the books say of a payment: of its movements and of their accruals."""
    movements = ExternalTransaction.objects.filter(payment__public_id=payment_id).values("pk")
    accruals = Accrual.objects.filter(sale__payment__public_id=payment_id).values("pk")
    booked = LedgerEntry.objects.filter(
        Q(
            transaction__source_type=PostingSource.MOVEMENT,
            transaction__source_id__in=movements,
        )
        | Q(
            transaction__source_type=PostingSource.ACCRUAL,
            transaction__source_id__in=accruals,
        )
    ).order_by("-transaction__kind", "pk")
    rows = booked.values_list("account__code", "amount_minor", "currency")
    return tuple((code, str(Money(minor, currency).major)) for code, minor, currency in rows)
