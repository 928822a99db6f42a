"""All that a collection's sum rests on: its lines' accruals and sales, with what went back."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Q

from bookedbarber.foundation.money import Money
from payments.models import Accrual, ExternalTransaction, HybridPaymentConfig
from payments.rules.commission import calculate_base_left, calculate_commission
from payments.states import Decision, Purpose, TransactionKind, TransactionState

from ..models import CollectionLine, PlatformCollection
from .lines import LineDetail, describe_lines
from .rates import load_rates

_OUT = {TransactionKind.REFUND, TransactionKind.DISPUTE}


@dataclass(frozen=True, slots=True, kw_only=True)
class SaleEvidence:
    """A sale on a barber's account: every step of its commission, and what changed it.

    `parts`: what the platform took of a split sale itself. `returns`: what went back to the payer
    of it and of its parts, or came again.
    """

    sale: ExternalTransaction
    version: HybridPaymentConfig | None
    steps: Sequence[Accrual]
    parts: Sequence[ExternalTransaction]
    returns: Sequence[ExternalTransaction]

    @property
    def whole(self) -> Money:
        is_split = self.sale.payment is not None and self.sale.payment.decision == Decision.SPLIT
        return self.sale.payment.amount if is_split and self.sale.payment else self.sale.amount

    @property
    def base_left(self) -> Money:
        base = Money(self.sale.base_minor, self.sale.currency)
        return calculate_base_left(base, whole=self.whole, taken=self._sum_returned())

    @property
    def commission(self) -> Money:
        """What should be accrued by now."""
        if self.sale.state != TransactionState.COMPLETED:
            return Money.zero(self.sale.currency)
        return calculate_commission(self.base_left, self.sale.commission_rate)

    @property
    def kept(self) -> Money:
        """What the platform holds of its own part of a split sale."""
        if self.sale.state != TransactionState.COMPLETED:
            return Money.zero(self.sale.currency)
        held = Money(sum(part.amount_minor for part in self.parts), self.sale.currency)
        left = held - self._sum_returned(of=self.parts)
        return max(left, Money.zero(self.sale.currency))

    def _sum_returned(self, of: Sequence[ExternalTransaction] | None = None) -> Money:
        charges = None if of is None else {part.pk for part in of}
        minor = sum(
            one.amount_minor if one.kind in _OUT else -one.amount_minor
            for one in self.returns
            if charges is None or one.sale_id in charges
        )
        return Money(minor, self.sale.currency)


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    collection: PlatformCollection
    lines: Sequence[LineDetail]
    sales: Mapping[int, SaleEvidence]
    accruals: Sequence[Accrual]
    """Those of the lines, those that they correct, and all steps of the sales."""


def gather_evidence(collection: PlatformCollection) -> Evidence:
    """Read it, in a fixed number of statements."""
    rows = CollectionLine.objects.filter(collection=collection).with_facts().order_by("pk")
    lines = describe_lines(rows)
    sales = {line.sale.pk: line.sale for line in lines if line.sale}
    accruals = {line.accrual.pk: line.accrual for line in lines}
    accruals |= {one.corrects.pk: one.corrects for one in accruals.values() if one.corrects}
    steps = Accrual.objects.filter(sale_id__in=sales).order_by("sale_id", "revision")
    accruals |= {step.pk: step for step in steps}
    return Evidence(
        collection=collection,
        lines=lines,
        sales=_gather_sales(sales, list(steps)),
        accruals=[accruals[key] for key in sorted(accruals)],
    )


def _gather_sales(
    sales: Mapping[int, ExternalTransaction], steps: Iterable[Accrual]
) -> dict[int, SaleEvidence]:
    parts = _group_parts(sales)
    charges = {part.pk: key for key, found in parts.items() for part in found}
    charges |= {key: key for key in sales}
    returns: dict[int, list[ExternalTransaction]] = defaultdict(list)
    completed = ExternalTransaction.objects.completed().filter(sale_id__in=charges)
    for one in completed.order_by("occurred_at", "pk"):
        returns[charges[one.sale_id or 0]].append(one)
    of_sale: dict[int, list[Accrual]] = defaultdict(list)
    for step in steps:
        of_sale[step.sale_id or 0].append(step)
    rates = load_rates(sale.barber_id for sale in sales.values() if sale.barber_id)
    return {
        key: SaleEvidence(
            sale=sale,
            version=rates.find_version(sale),
            steps=of_sale[key],
            parts=parts.get(key, []),
            returns=returns[key],
        )
        for key, sale in sales.items()
    }


def _group_parts(
    sales: Mapping[int, ExternalTransaction],
) -> dict[int, list[ExternalTransaction]]:
    split = {
        sale.payment.pk: key
        for key, sale in sales.items()
        if sale.payment and sale.payment.decision == Decision.SPLIT
    }
    is_part = Q(kind=TransactionKind.CHARGE, purpose=Purpose.COMMISSION)
    found = ExternalTransaction.objects.completed().filter(is_part, payment_id__in=split)
    grouped: dict[int, list[ExternalTransaction]] = defaultdict(list)
    for part in found.order_by("pk"):
        grouped[split[part.payment_id or 0]].append(part)
    return grouped
