"""Whether a collection is what its lines, their sales and the books say."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.db.models import Q, Sum

from bookedbarber.foundation.money import Money
from payments.models import LedgerEntry
from payments.rules.commission import calculate_commission
from payments.states import AccountCode, PostingSource, TransactionState

from ..models import CollectionAttempt, PlatformCollection
from ..states import AttemptState, CollectionState, LineState
from .evidence import Evidence, SaleEvidence, gather_evidence


@dataclass(frozen=True, slots=True)
class Fault:
    """`code` for programs, `what` names the row, the rest is in words."""

    code: str
    what: str
    expected: str
    found: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """`stored` is the collection's amount, `calculated` the sum of what its live lines' accruals
    say."""

    stored: Money
    calculated: Money
    lines: int
    faults: Sequence[Fault]

    @property
    def is_right(self) -> bool:
        return not self.faults


def examine_collection(collection: PlatformCollection) -> Verification:
    """Calculate a collection anew and say where it differs; writes nothing."""
    evidence = gather_evidence(collection)
    live = [line for line in evidence.lines if line.line.state == LineState.LIVE]
    calculated = sum(line.accrual.amount_minor for line in live)
    return Verification(
        stored=collection.amount,
        calculated=Money(calculated, collection.currency),
        lines=len(live),
        faults=[
            *_check_sum(collection, calculated, len(live)),
            *_check_lines(evidence),
            *_check_sales(evidence),
            *_check_postings(evidence),
            *_check_taking(collection),
        ],
    )


def _check_sum(collection: PlatformCollection, calculated: int, lines: int) -> Iterator[Fault]:
    if collection.state == CollectionState.CANCELED:
        return
    if collection.amount_minor != calculated:
        expected = str(Money(calculated, collection.currency))
        yield Fault("sum_differs", collection.public_id, expected, str(collection.amount))
    if collection.line_count != lines:
        found = f"{collection.line_count} lines"
        yield Fault("count_differs", collection.public_id, f"{lines} lines", found)


def _check_lines(evidence: Evidence) -> Iterator[Fault]:
    collection = evidence.collection
    wanted = (collection.barber_id, collection.currency, collection.environment)
    for line in evidence.lines:
        accrual = line.accrual
        if (accrual.barber_id, accrual.currency, accrual.environment) != wanted:
            yield Fault("line_of_another", line.line.subject, str(wanted), str(accrual))
        if line.line.amount_minor != accrual.amount_minor:
            expected, found = str(accrual.amount), str(line.line.amount)
            yield Fault("line_differs", line.line.subject, expected, found)


def _check_sales(evidence: Evidence) -> Iterator[Fault]:
    for sale in evidence.sales.values():
        yield from _check_steps(sale)
        yield from _compare("commission_differs", sale, sale.commission, "commission_minor")
        yield from _compare("kept_differs", sale, sale.kept, "kept_minor")


def _check_steps(sale: SaleEvidence) -> Iterator[Fault]:
    """Each step leads to the rate of the base that it names, or to nothing if the sale fell."""
    so_far = 0
    for step in sale.steps:
        so_far += step.commission_minor
        base = Money(step.base_minor, step.currency)
        expected = calculate_commission(base, step.rate).amount_minor
        fell = sale.sale.state != TransactionState.COMPLETED and so_far == 0
        if so_far != expected and not fell:
            found = str(Money(so_far, step.currency))
            yield Fault("step_differs", str(step), str(Money(expected, step.currency)), found)


def _compare(code: str, sale: SaleEvidence, expected: Money, column: str) -> Iterator[Fault]:
    found = Money(sum(getattr(step, column) for step in sale.steps), expected.currency)
    if found != expected:
        yield Fault(code, f"sale {sale.sale.external_id}", str(expected), str(found))


def _check_postings(evidence: Evidence) -> Iterator[Fault]:
    """Each accrual is in the books of its barber once, with its amount."""
    entries = LedgerEntry.objects.filter(
        Q(transaction__source_type=PostingSource.ACCRUAL, transaction__kind="accrual"),
        transaction__source_id__in=[accrual.pk for accrual in evidence.accruals],
        account__code=AccountCode.RECEIVABLE,
        account__barber_id=evidence.collection.barber_id,
        account__environment=evidence.collection.environment,
    )
    sums = entries.values_list("transaction__source_id").annotate(Sum("amount_minor")).order_by()
    booked = dict(sums)
    for accrual in evidence.accruals:
        if accrual.movement_id is None and booked.get(accrual.pk, 0) != accrual.amount_minor:
            found = str(Money(booked.get(accrual.pk, 0), accrual.currency))
            yield Fault("posting_differs", str(accrual), str(accrual.amount), found)


def _check_taking(collection: PlatformCollection) -> Iterator[Fault]:
    """What was taken is the collection's amount, once, and only of one that is collected."""
    taken = CollectionAttempt.objects.filter(collection=collection, state=AttemptState.SUCCEEDED)
    amounts = sum(attempt.amount_minor for attempt in taken)
    is_paid = collection.state in {CollectionState.COLLECTED, CollectionState.DISPUTED}
    expected = collection.amount_minor if is_paid else 0
    if amounts != expected and collection.state != CollectionState.DISPUTED:
        wanted = str(Money(expected, collection.currency))
        found = str(Money(amounts, collection.currency))
        yield Fault("taken_differs", collection.public_id, wanted, found)
