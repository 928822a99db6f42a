"""What an outsider needs to recompute a collection, as plain values; docs/collections.md says how.

Amounts are integer minor units, rates percentages as text, moments UTC as the seals write them.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Q

from payments.models import (
    Accrual,
    ExternalTransaction,
    HybridPaymentConfig,
    LedgerSeal,
    LedgerTransaction,
)
from payments.queries.seals import prove_transactions, read_transactions
from payments.rules.seals import to_canonical_moment
from payments.states import PostingSource

from ..models import CollectionAttempt, PlatformCollection, RentPlan
from .evidence import Evidence, SaleEvidence, gather_evidence
from .lines import LineDetail

FORMAT = "bookedbarber collection proof 1"
_CLOCKS_DIFFER = timedelta(days=1)


def describe_proof(collection_id: int, *, now: datetime) -> dict[str, Any]:
    """The proof of a collection, ready for JSON, read from one snapshot."""
    with transaction.atomic(), connection.cursor() as cursor:
        if len(connection.savepoint_ids) == 0:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        return _describe(PlatformCollection.objects.get(pk=collection_id), now)


def _describe(collection: PlatformCollection, now: datetime) -> dict[str, Any]:
    evidence = gather_evidence(collection)
    attempts = list(collection.attempts.order_by("number"))
    return {
        "format": FORMAT,
        "made_at": to_canonical_moment(now),
        "collection": _describe_collection(collection),
        "lines": [_describe_line(line) for line in evidence.lines],
        "accruals": [_describe_accrual(one) for one in evidence.accruals],
        "sales": [_describe_sale(evidence.sales[key]) for key in sorted(evidence.sales)],
        "rent_plans": _describe_rent_plans(evidence.accruals),
        "attempts": [_describe_attempt(attempt) for attempt in attempts],
        **_describe_ledger(evidence, attempts),
    }


def _describe_collection(row: PlatformCollection) -> dict[str, Any]:
    return {
        "id": row.public_id,
        "environment": row.environment,
        "barber_id": row.barber_id,
        "kind": row.kind,
        "state": row.state,
        "currency": row.currency,
        "amount_minor": row.amount_minor,
        "line_count": row.line_count,
        "period_start": row.period_start.isoformat(),
        "period_end": row.period_end.isoformat(),
        "created_at": to_canonical_moment(row.created_at),
    }


def _describe_line(line: LineDetail) -> dict[str, Any]:
    return {
        "id": line.line.pk,
        "state": line.line.state,
        "amount_minor": line.line.amount_minor,
        "accrual_id": line.accrual.pk,
        "sale_id": line.sale.pk if line.sale else None,
        "contest_reason": line.line.contest_reason,
        "contest_decision": line.line.decision,
    }


def _describe_accrual(row: Accrual) -> dict[str, Any]:
    return {
        "id": row.pk,
        "kind": row.kind,
        "sale_id": row.sale_id,
        "revision": row.revision,
        "base_minor": row.base_minor,
        "rate": str(row.rate),
        "commission_minor": row.commission_minor,
        "kept_minor": row.kept_minor,
        "amount_minor": row.amount_minor,
        "currency": row.currency,
        "occurred_at": to_canonical_moment(row.occurred_at),
        "rent_plan_id": row.rent_plan_id,
        "period_start": row.period_start.isoformat() if row.period_start else None,
        "period_end": row.period_end.isoformat() if row.period_end else None,
        "corrects_id": row.corrects_id,
        "reason": row.reason,
    }


def _describe_sale(evidence: SaleEvidence) -> dict[str, Any]:
    sale, payment = evidence.sale, evidence.sale.payment
    return {
        "id": sale.pk,
        "processor": sale.connection.processor,
        "account_id": sale.connection.account_id,
        "external_id": sale.external_id,
        "payment_id": payment.public_id if payment else None,
        "occurred_at": to_canonical_moment(sale.occurred_at),
        "state": sale.state,
        "method": sale.method,
        "currency": sale.currency,
        "amount_minor": sale.amount_minor,
        "whole_minor": evidence.whole.amount_minor,
        "whole_tip_minor": payment.tip_minor if payment else sale.tip_minor,
        "base_minor": sale.base_minor,
        "commission_rate": str(sale.commission_rate),
        "terms": _describe_terms(evidence),
        "parts": [_describe_movement(part) for part in evidence.parts],
        "returns": [_describe_movement(one) for one in evidence.returns],
    }


def _describe_terms(evidence: SaleEvidence) -> dict[str, Any]:
    """What the rate came from; a payment through us keeps what was agreed with it."""
    version, payment = evidence.version, evidence.sale.payment
    on_tips = version.commission_on_tips if version else False
    on_cash = version.commission_on_cash if version else False
    if payment is not None:
        on_tips = payment.decision_facts.get("commission_on_tips", on_tips)
        on_cash = payment.decision_facts.get("commission_on_cash", on_cash)
    return {
        "commission_on_tips": on_tips,
        "commission_on_cash": on_cash,
        "config": _describe_version(version) if version else None,
        "default_rate": str(settings.DEFAULT_COMMISSION_RATE),
    }


def _describe_version(version: HybridPaymentConfig) -> dict[str, Any]:
    return {
        "id": version.pk,
        "effective_at": to_canonical_moment(version.effective_at),
        "commission_rate": str(version.commission_rate),
        "set_by": version.set_by,
        "reason": version.reason,
    }


def _describe_movement(row: ExternalTransaction) -> dict[str, Any]:
    return {
        "id": row.pk,
        "kind": row.kind,
        "external_id": row.external_id,
        "of_sale_id": row.sale_id,
        "amount_minor": row.amount_minor,
        "occurred_at": to_canonical_moment(row.occurred_at),
    }


def _describe_rent_plans(accruals: Iterable[Accrual]) -> list[dict[str, Any]]:
    wanted = {accrual.rent_plan_id for accrual in accruals if accrual.rent_plan_id}
    return [
        {
            "id": plan.pk,
            "public_id": plan.public_id,
            "amount_minor": plan.amount_minor,
            "currency": plan.currency,
            "frequency": plan.frequency,
            "starts_on": plan.starts_on.isoformat(),
            "ends_on": plan.ends_on.isoformat() if plan.ends_on else None,
        }
        for plan in RentPlan.objects.filter(pk__in=wanted).order_by("pk")
    ]


def _describe_attempt(row: CollectionAttempt) -> dict[str, Any]:
    return {
        "id": row.pk,
        "public_id": row.public_id,
        "number": row.number,
        "method": row.method,
        "state": row.state,
        "amount_minor": row.amount_minor,
        "external_id": row.external_id,
        "reference": row.reference,
        "failure_class": row.failure_class,
        "created_at": to_canonical_moment(row.created_at),
    }


def _describe_ledger(
    evidence: Evidence, attempts: Sequence[CollectionAttempt]
) -> dict[str, list[dict[str, Any]]]:
    environment = evidence.collection.environment
    ids = _find_postings(evidence, attempts)
    proofs = prove_transactions(environment, ids)
    paths = {
        one.transaction["id"]: (proof.seal.day.isoformat(), one.path)
        for proof in proofs
        for one in proof.transactions
    }
    postings = []
    for posting in read_transactions(environment, ids):
        day, path = paths.get(posting["id"], (None, ()))
        steps = [{"side": neighbor.side, "hash": neighbor.hash} for neighbor in path]
        postings.append({"transaction": posting, "sealed_day": day, "path": steps})
    seals = LedgerSeal.objects.filter(environment=environment).order_by("day")
    chain = seals.filter(day__gte=proofs[0].seal.day) if proofs else seals.none()
    return {"postings": postings, "seals": [_describe_seal(seal) for seal in chain]}


def _find_postings(evidence: Evidence, attempts: Sequence[CollectionAttempt]) -> list[int]:
    """Of the accruals, of what was taken, and of a waiver."""
    sources = {
        PostingSource.ACCRUAL: [accrual.pk for accrual in evidence.accruals],
        PostingSource.ATTEMPT: [attempt.pk for attempt in attempts],
        PostingSource.COLLECTION: [evidence.collection.pk],
        PostingSource.MOVEMENT: _find_movements(evidence.collection, attempts),
    }
    wanted = Q(pk__in=[])
    for source_type, ids in sources.items():
        wanted |= Q(source_type=source_type, source_id__in=ids)
    return list(
        LedgerTransaction.objects.filter(wanted).order_by("pk").values_list("pk", flat=True)
    )


def _find_movements(
    collection: PlatformCollection, attempts: Sequence[CollectionAttempt]
) -> list[int]:
    """Of the debits, and of what came back of them; found among the barber's, by their time."""
    if not attempts:
        return []
    since = attempts[0].created_at - _CLOCKS_DIFFER
    debits = ExternalTransaction.objects.filter(
        barber_id=collection.barber_id,
        occurred_at__gte=since,
        our_reference__in=[attempt.public_id for attempt in attempts],
    )
    keys = list(debits.values_list("pk", flat=True))
    returned = ExternalTransaction.objects.filter(sale_id__in=keys)
    return keys + list(returned.values_list("pk", flat=True))


def _describe_seal(seal: LedgerSeal) -> dict[str, Any]:
    return {
        "environment": seal.environment,
        "day": seal.day.isoformat(),
        "previous": seal.previous,
        "transactions": seal.transactions,
        "root": seal.root,
        "seal": seal.seal,
    }
