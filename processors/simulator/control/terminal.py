"""Sales at a terminal, which none of our programs took: `POST /_simulator/terminal_sales`.

    {"processor": "square", "account_id": "ML1", "amount_minor": 7500, "tip_minor": 1500,
     "currency": "USD", "method": "CARD", "location_id": "L1", "note": "Fade",
     "occurred_at": "2026-03-01T09:00:00Z"}

`amount_minor` is without the tip. `method` is CARD, and at Square also CASH or EXTERNAL. Without
`currency` it is the account's own, without `occurred_at` now. It carries no reference. The answer
is the vendor's object: a Square payment, or a Stripe payment intent (whose `amount_details` has
the tip) with its charge of type `card_present` expanded. Unlike with `sales` listeners are told,
and the account's `fee_delay_seconds` counts.
"""

from dataclasses import replace
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from processors.simulator.call import Call
from processors.simulator.control import square_terminal, stripe_terminal
from processors.simulator.control.acting import find_account, make_call
from processors.simulator.control.requests import BadRequest, Visit, read_fields, read_model
from processors.simulator.control.terminal_sales import TerminalSale
from processors.simulator.identifiers import from_iso
from processors.simulator.messages import Answer, json_answer
from processors.simulator.money.currencies import CURRENCIES


class _Sale(BaseModel):
    model_config = ConfigDict(extra="forbid")

    processor: Literal["stripe", "square"]
    account_id: str
    amount_minor: Annotated[int, Field(ge=1, le=99_999_999)]
    tip_minor: Annotated[int, Field(ge=0, le=99_999_999)] = 0
    currency: str | None = None
    method: Literal["CARD", "CASH", "EXTERNAL"] = "CARD"
    location_id: str | None = None
    note: str | None = None
    occurred_at: str | None = None


_VENDORS = {"stripe": stripe_terminal.take_sale, "square": square_terminal.take_sale}


def record(visit: Visit) -> Answer:
    """:raises BadRequest: naming the field."""
    given = read_model(_Sale, read_fields(visit.request))
    account = find_account(visit, given.processor, given.account_id)
    currency = (given.currency or account.default_currency).upper()
    if currency not in CURRENCIES:
        raise BadRequest(f"currency: {currency} is unknown", "currency")
    sale = TerminalSale(
        amount_minor=given.amount_minor,
        tip_minor=given.tip_minor,
        currency=currency,
        method=given.method,
        location_id=given.location_id,
        note=given.note,
    )
    call = _at(make_call(visit, account), given.occurred_at)
    with visit.simulation.store.transaction():
        return json_answer(201, _VENDORS[given.processor](call, sale))


def _at(call: Call, occurred_at: str | None) -> Call:
    if occurred_at is None:
        return call
    try:
        moment_ms = from_iso(occurred_at)
    except (ValueError, OverflowError):
        message = f"occurred_at: {occurred_at} is not an ISO 8601 moment"
        raise BadRequest(message, "occurred_at") from None
    if moment_ms > call.now_ms:
        raise BadRequest(f"occurred_at: {occurred_at} is in the future", "occurred_at")
    return replace(call, now_ms=moment_ms)
