"""A collection's lines with what they rest on."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from bookedbarber.foundation.money import Money
from payments.models import Accrual, ExternalTransaction, HybridPaymentConfig

from ..models import CollectionLine
from .rates import load_rates


@dataclass(frozen=True, slots=True)
class LineDetail:
    """A line, its accrual and sale, and the terms that the sale's rate came from."""

    line: CollectionLine
    version: HybridPaymentConfig | None

    @property
    def accrual(self) -> Accrual:
        return self.line.accrual

    @property
    def sale(self) -> ExternalTransaction | None:
        """Whose commission it is, or that of the accrual which it corrects."""
        return get_sale(self.accrual)

    @property
    def rate(self) -> Decimal | None:
        return self.sale.commission_rate if self.sale else None

    @property
    def base(self) -> Money | None:
        """What was left of the sale's base at this step."""
        if self.accrual.sale is None:
            return None
        return Money(self.accrual.base_minor, self.accrual.currency)

    @property
    def sale_amount(self) -> Money | None:
        """Of both parts of a split sale."""
        if self.sale is None:
            return None
        return self.sale.payment.amount if self.sale.payment else self.sale.amount

    @property
    def tip(self) -> Money | None:
        if self.sale is None:
            return None
        return Money((self.sale.payment or self.sale).tip_minor, self.sale.currency)

    @property
    def rate_origin(self) -> str:
        """In words; "" for what has no rate."""
        if self.sale is None:
            return ""
        if self.version is None:
            return "the platform’s default rate"
        return f"terms in force from {self.version.effective_at:%Y-%m-%d %H:%M} UTC"


def describe_lines(lines: Iterable[CollectionLine]) -> Sequence[LineDetail]:
    """Each line with the terms of its sale; one statement more, however many.

    Read the lines by `with_facts`.
    """
    found = list(lines)
    sales = [(line, get_sale(line.accrual)) for line in found]
    rates = load_rates(sale.barber_id for _, sale in sales if sale and sale.barber_id)
    return [LineDetail(line, rates.find_version(sale) if sale else None) for line, sale in sales]


def get_sale(accrual: Accrual) -> ExternalTransaction | None:
    if accrual.sale is not None or accrual.corrects is None:
        return accrual.sale
    return accrual.corrects.sale
