"""Past sales in bulk: `POST /_simulator/sales`.

    {"processor": "stripe", "account_id": "acct_1", "deliver": false, "sales": [
        {"occurred_at": "2026-03-01T09:00:00Z", "amount_minor": 7500, "tip_minor": 500,
         "currency": "USD", "reference": "leg_1", "payment_method": "pm_card_visa",
         "description": "Haircut", "metadata": {"chair": "3"},
         "refunds": [{"occurred_at": "2026-03-02T09:00:00Z", "amount_minor": 2500}]}]}

Up to 1,000 completed sales in one transaction, each with its fee, movements and events; nobody is
told of them unless `deliver` is true. `amount_minor` is without the tip. `method` is CARD, and at
Square also CASH or EXTERNAL. The reference goes where an adapter puts it: Stripe's
`metadata[reference]` (and the tip `metadata[tip_minor]`, for Stripe has no field for it online),
Square's `reference_id`. The answer is {"sales": [...]}: the vendor's own
objects in the order of the request (a payment intent with its charge and balance transaction
expanded, or a payment).
"""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from processors.simulator.control import square_sales, stripe_sales
from processors.simulator.control.past import Batch, PastRefund, PastSale
from processors.simulator.control.requests import BadRequest, Visit, read_fields, read_model
from processors.simulator.identifiers import from_iso
from processors.simulator.messages import Answer, VendorError, json_answer
from processors.simulator.money.currencies import CURRENCIES

_MOST_SALES = 1000
Amount = Annotated[int, Field(ge=1, le=99_999_999)]


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid")


class _Refund(_Model):
    occurred_at: str
    amount_minor: Amount


class _Sale(_Model):
    occurred_at: str
    amount_minor: Amount
    tip_minor: Annotated[int, Field(ge=0)] = 0
    currency: str
    payment_method: str | None = None
    reference: str | None = None
    method: Literal["CARD", "CASH", "EXTERNAL"] = "CARD"
    metadata: dict[str, str] = Field(default_factory=dict)
    description: str | None = None
    refunds: list[_Refund] = Field(default_factory=list)


class _Sales(_Model):
    processor: Literal["stripe", "square"]
    account_id: str
    deliver: bool = False
    sales: Annotated[list[_Sale], Field(min_length=1, max_length=_MOST_SALES)]


_VENDORS = {"stripe": stripe_sales.add_sale, "square": square_sales.add_sale}


def record_sales(visit: Visit) -> Answer:
    """:raises BadRequest: naming the sale and its field; nothing is recorded then."""
    simulation = visit.simulation
    wanted = read_model(_Sales, read_fields(visit.request))
    account = simulation.accounts.find(wanted.processor, wanted.account_id)
    if account is None:
        message = f"There is no {wanted.processor} account {wanted.account_id}."
        raise BadRequest(message, "account_id")
    add_sale = _VENDORS[wanted.processor]
    now_ms = simulation.clock.now_ms()
    batch = Batch(simulation, deliver=wanted.deliver)
    shown = []
    for number, given in enumerate(wanted.sales):
        sale = _read_sale(given, f"sales.{number}", now_ms)
        try:
            shown.append(add_sale(batch, account, sale))
        except VendorError as error:
            raise BadRequest(f"sales.{number}: {error}", f"sales.{number}") from error
    batch.write()
    return json_answer(200, {"sales": shown})


def _read_sale(given: _Sale, where: str, now_ms: int) -> PastSale:
    occurred_ms = _read_moment(given.occurred_at, f"{where}.occurred_at", now_ms)
    currency = given.currency.upper()
    if currency not in CURRENCIES:
        raise BadRequest(f"{where}.currency: {currency} is unknown", f"{where}.currency")
    sale = PastSale(
        occurred_ms=occurred_ms,
        amount_minor=given.amount_minor,
        tip_minor=given.tip_minor,
        currency=currency,
        payment_method=given.payment_method,
        reference=given.reference,
        method=given.method,
        metadata=given.metadata,
        description=given.description,
        refunds=_read_refunds(given, where, occurred_ms, now_ms),
    )
    if sum(refund.amount_minor for refund in sale.refunds) > sale.total_minor:
        raise BadRequest(f"{where}.refunds: are more than the sale", f"{where}.refunds")
    return sale


def _read_refunds(
    given: _Sale, where: str, occurred_ms: int, now_ms: int
) -> tuple[PastRefund, ...]:
    refunds = []
    for number, refund in enumerate(given.refunds):
        field = f"{where}.refunds.{number}.occurred_at"
        moment_ms = _read_moment(refund.occurred_at, field, now_ms)
        if moment_ms < occurred_ms:
            raise BadRequest(f"{field}: is before the sale", field)
        refunds.append(PastRefund(moment_ms, refund.amount_minor))
    return tuple(refunds)


def _read_moment(text: str, field: str, now_ms: int) -> int:
    try:
        moment_ms = from_iso(text)
    except (ValueError, OverflowError):
        raise BadRequest(f"{field}: {text} is not an ISO 8601 moment", field) from None
    if moment_ms > now_ms:
        raise BadRequest(f"{field}: {text} is in the future", field)
    return moment_ms
