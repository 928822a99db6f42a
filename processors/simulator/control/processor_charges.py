"""What a processor takes or gives by itself: `POST /_simulator/processor_charges`.

    {"processor": "stripe", "account_id": "acct_1", "amount_minor": 2500, "currency": "USD",
     "kind": "fee", "description": "Monthly fee"}

A positive amount is taken, a negative one given back. `kind` is fee (the default), reserve_hold,
reserve_release, adjustment or conversion; a conversion takes `amount_minor` and gives
`to_amount_minor` of `to_currency`. Instead of a kind Stripe takes any `type` (with `category`) of a
balance transaction, and Square any activity `type` of a payout entry. The answer is
{"movements": […]} with the ids: of balance transactions, or of payout entries to come.
"""

from typing import Annotated, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field
from square.types.activity_type import ActivityType

from processors.simulator.call import Call
from processors.simulator.control.acting import find_account, make_call
from processors.simulator.control.requests import BadRequest, Visit, read_fields, read_model
from processors.simulator.messages import Answer, Json, json_answer
from processors.simulator.money.currencies import CURRENCIES, convert
from processors.simulator.square_api import postings as square_postings
from processors.simulator.stripe_api import postings as stripe_postings
from processors.simulator.stripe_api.balance_transactions import Posting

_STRIPE_KINDS = {
    "fee": ("stripe_fee", "fee"),
    "reserve_hold": ("reserve_hold", "risk_reserved_funds"),
    "reserve_release": ("reserve_release", "risk_reserved_funds"),
    "adjustment": ("adjustment", "other_adjustment"),
    "conversion": ("adjustment", "currency_conversion"),
}
_SQUARE_KINDS = {
    "fee": "SUBSCRIPTION_FEE",
    "reserve_hold": "RESERVE_HOLD",
    "reserve_release": "RESERVE_RELEASE",
    "adjustment": "OTHER_ADJUSTMENT",
}
_ACTIVITIES: tuple[str, ...] = get_args(get_args(ActivityType)[0])


class _Charge(BaseModel):
    model_config = ConfigDict(extra="forbid")

    processor: Literal["stripe", "square"]
    account_id: str
    amount_minor: int
    currency: str | None = None
    kind: Literal["fee", "reserve_hold", "reserve_release", "adjustment", "conversion"] = "fee"
    type: str | None = None
    category: str | None = None
    description: str | None = None
    to_currency: str | None = None
    to_amount_minor: Annotated[int, Field(ge=1)] | None = None


def record(visit: Visit) -> Answer:
    """:raises BadRequest: naming the field."""
    given = read_model(_Charge, read_fields(visit.request))
    account = find_account(visit, given.processor, given.account_id)
    currency = _read_currency(given.currency or account.default_currency, "currency")
    if not given.amount_minor:
        raise BadRequest("amount_minor: must not be zero", "amount_minor")
    call = make_call(visit, account)
    with visit.simulation.store.transaction():
        moved = [_move(call, given, -given.amount_minor, currency)]
        if given.kind == "conversion":
            moved.append(_give_converted(call, given, currency))
    return json_answer(201, {"movements": moved})


def _read_currency(text: str, field: str) -> str:
    if text.upper() not in CURRENCIES:
        raise BadRequest(f"{field}: {text} is unknown", field)
    return text.upper()


def _give_converted(call: Call, given: _Charge, currency: str) -> Json:
    if given.to_currency is None:
        raise BadRequest("to_currency: a conversion needs it", "to_currency")
    target = _read_currency(given.to_currency, "to_currency")
    amount_minor = given.to_amount_minor or convert(given.amount_minor, currency, target)
    return _move(call, given, amount_minor, target)


def _move(call: Call, given: _Charge, amount_minor: int, currency: str) -> Json:
    journal_kind = "conversion" if given.kind == "conversion" else "processor_charge"
    if given.processor == "stripe":
        moved_by = _post_at_stripe(call, given, journal_kind, amount_minor, currency)
    else:
        moved_by = _post_at_square(call, given, journal_kind, amount_minor, currency)
    return {"id": moved_by, "amount_minor": amount_minor, "currency": currency}


def _post_at_stripe(call: Call, given: _Charge, kind: str, amount_minor: int, currency: str) -> str:
    known_type, category = _STRIPE_KINDS[given.kind]
    posting = Posting(given.type or known_type, given.category or category, None, given.description)
    move = stripe_postings.Move(
        kind=kind, posting=posting, amount_minor=amount_minor, currency=currency, about_id=""
    )
    return str(stripe_postings.post(call, move)["id"])


def _post_at_square(call: Call, given: _Charge, kind: str, amount_minor: int, currency: str) -> str:
    entry_type = given.type or _SQUARE_KINDS.get(given.kind)
    if entry_type not in _ACTIVITIES:
        raise BadRequest(f"type: {entry_type} is no activity of Square's", "type")
    activity = {"type": entry_type}
    move = square_postings.Move(
        kind=kind, activity=activity, amount_minor=amount_minor, currency=currency
    )
    return square_postings.post(call, move)
