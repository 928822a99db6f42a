"""Differences for a reconciliation to find: `POST /_simulator/plants`, and what was planted.

    {"kind": "amount", "object_id": "ch_…, pi_… or a Square payment", "amount_minor": 7400}
    {"kind": "currency", "object_id": "…", "currency": "CAD"}
    {"kind": "fee", "object_id": "…", "fee_minor": 999}
    {"kind": "status", "object_id": "…"}      it failed after all, or was canceled
    {"kind": "deleted", "object_id": "…"}     the processor knows it no more
    {"kind": "duplicate", "object_id": "…"}   the same visit is paid once more, minutes later
    {"kind": "added", "processor": "stripe", "account_id": "acct_1", "amount_minor": 7500,
     "currency": "USD", "tip_minor": 500}     a sale nobody was told of

No event tells of any of them, and nothing shows that an object was changed. Sales with refunds
are left alone. The answer, and `GET /_simulator/plants?after=&account_id=`, has the kind, the id of
the object that differs (of the new sale, for duplicate and added) and its figures before and after.
"""

import json
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from processors.simulator.accounts import Account
from processors.simulator.call import Call
from processors.simulator.control import (
    square_plants,
    square_sales,
    stripe_plants,
    stripe_sales,
)
from processors.simulator.control.acting import (
    call_of_owner,
    find_account,
    find_charge,
    find_object,
    make_call,
)
from processors.simulator.control.journals import answer_page
from processors.simulator.control.past import Batch, PastSale
from processors.simulator.control.planting import Difference, Planted
from processors.simulator.control.requests import (
    BadRequest,
    Visit,
    read_fields,
    read_model,
    read_window,
)
from processors.simulator.identifiers import from_iso, to_iso
from processors.simulator.messages import Answer, Json, json_answer
from processors.simulator.money.currencies import CURRENCIES

_MINUTES_LATER_MS = 3 * 60 * 1000
_NEEDS = {"amount": "amount_minor", "currency": "currency", "fee": "fee_minor"}
Amount = Annotated[int, Field(ge=1, le=99_999_999)]


class _Plant(BaseModel):
    model_config = ConfigDict(extra="forbid")

    kind: Literal["amount", "currency", "fee", "status", "deleted", "duplicate", "added"]
    object_id: str | None = None
    processor: Literal["stripe", "square"] | None = None
    account_id: str | None = None
    amount_minor: Amount | None = None
    tip_minor: Annotated[int, Field(ge=0)] = 0
    currency: str | None = None
    fee_minor: Annotated[int, Field(ge=0)] | None = None


def plant(visit: Visit) -> Answer:
    """:raises BadRequest: naming the field."""
    given = read_model(_Plant, read_fields(visit.request))
    if given.currency is not None and given.currency.upper() not in CURRENCIES:
        raise BadRequest(f"currency: {given.currency} is unknown", "currency")
    needed = _NEEDS.get(given.kind)
    if needed and getattr(given, needed) is None:
        raise BadRequest(f"{needed}: this kind of difference needs it", needed)
    with visit.simulation.store.transaction():
        if given.kind == "added":
            call, planted = _add(visit, given)
        else:
            call, planted = _change(visit, given)
        return json_answer(201, _note(call, given.kind, planted))


def _add(visit: Visit, given: _Plant) -> tuple[Call, Planted]:
    if given.amount_minor is None or given.processor is None:
        field = "amount_minor" if given.amount_minor is None else "processor"
        raise BadRequest(f"{field}: a sale that is added needs it", field)
    account = find_account(visit, given.processor, given.account_id or "")
    call = make_call(visit, account)
    sale = _build_sale(
        amount_minor=given.amount_minor,
        tip_minor=given.tip_minor,
        currency=(given.currency or account.default_currency).upper(),
        occurred_ms=call.now_ms,
    )
    return call, _record(visit, account, sale)


def _change(visit: Visit, given: _Plant) -> tuple[Call, Planted]:
    kinds = ("charge", "payment_intent", "payment")
    scope, found = find_object(visit, given.object_id or "", *kinds)
    call = call_of_owner(visit, scope)
    charge = find_charge(call, scope, found) if scope.processor == "stripe" else found
    if given.kind == "duplicate":
        copy = _copy_charge(charge) if scope.processor == "stripe" else _copy_payment(charge)
        return call, _record(visit, call.account, copy)
    difference = Difference(given.kind, given.amount_minor, given.currency, given.fee_minor)
    if scope.processor == "stripe":
        return call, stripe_plants.plant(call, charge, difference)
    return call, square_plants.plant(call, charge, difference)


def _copy_charge(charge: Json) -> PastSale:
    return _build_sale(
        amount_minor=charge["amount"],
        currency=charge["currency"].upper(),
        occurred_ms=charge["created"] * 1000 + _MINUTES_LATER_MS,
        description=charge["description"],
    )


def _copy_payment(payment: Json) -> PastSale:
    return _build_sale(
        amount_minor=payment["amount_money"]["amount"],
        tip_minor=payment.get("tip_money", {}).get("amount", 0),
        currency=payment["amount_money"]["currency"],
        occurred_ms=from_iso(payment["created_at"]) + _MINUTES_LATER_MS,
        description=payment.get("note"),
    )


def _build_sale(
    *,
    amount_minor: int,
    currency: str,
    occurred_ms: int,
    tip_minor: int = 0,
    description: str | None = None,
) -> PastSale:
    return PastSale(
        occurred_ms=occurred_ms,
        amount_minor=amount_minor,
        tip_minor=tip_minor,
        currency=currency,
        payment_method=None,
        reference=None,
        method="CARD",
        metadata={},
        description=description,
        refunds=(),
    )


def _record(visit: Visit, account: Account, sale: PastSale) -> Planted:
    """A sale without its events."""
    batch = Batch(visit.simulation, deliver=False)
    vendor = stripe_sales if account.processor == "stripe" else square_sales
    shown = vendor.add_sale(batch, account, sale)
    batch.events.clear()
    batch.write()
    object_id = shown["latest_charge"]["id"] if account.processor == "stripe" else shown["id"]
    after = {"amount_minor": sale.total_minor, "currency": sale.currency}
    return Planted(object_id, {}, after)


def _note(call: Call, kind: str, planted: Planted) -> Json:
    account = call.account
    before, after = json.dumps(planted.before), json.dumps(planted.after)
    sequence = call.simulation.store.execute(
        "INSERT INTO plants (processor, account_id, kind, object_id, before, after, planted_ms)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        (
            account.processor,
            account.account_id,
            kind,
            planted.object_id,
            before,
            after,
            call.now_ms,
        ),
    )
    row = call.simulation.store.row("SELECT * FROM plants WHERE sequence = ?", (sequence,))
    return _describe(dict(row) if row else {})


def list_plants(visit: Visit) -> Answer:
    """What was planted, in order."""
    window = read_window(visit.request)
    rows = visit.simulation.store.rows(
        "SELECT * FROM plants WHERE sequence > ?1 AND (?2 IS NULL OR account_id = ?2)"
        " ORDER BY sequence LIMIT ?3",
        (window.after, window.account_id, window.limit),
    )
    return answer_page("plants", [_describe(dict(row)) for row in rows], window.after)


def _describe(row: Json) -> Json:
    row["planted_at"] = to_iso(row.pop("planted_ms"))
    return row | {name: json.loads(row[name]) for name in ("before", "after")}
