"""Payouts to a seller's bank: what makes one, and what becomes of it.

SENT ──► PAID ──► FAILED      a bank may send money back after it was called paid

A payout carries every movement of a currency that is available, one entry for each. What a failed
one carried comes back as the entry RETURNED_PAYOUT of the next. As Square's own examples have it,
amounts here say `currency_code` where payments say `currency`. All payouts of a currency are of
the first location that takes it.
"""

import json
import sqlite3
import uuid
from datetime import UTC, datetime

from processors.simulator.accounts import Location
from processors.simulator.call import Call
from processors.simulator.identifiers import to_iso
from processors.simulator.messages import Json
from processors.simulator.objects import dump
from processors.simulator.schedule import DueTask
from processors.simulator.square_api import events
from processors.simulator.square_api.errors import bad_request
from processors.simulator.square_api.postings import Move, new_entry_id, post

KIND = "payout"
ENTRY = "payout_entry"
ARRIVE_TASK = "square.payout_arrives"
DAILY_TASK = "square.pay_out_daily"
_DAY_MS = 24 * 60 * 60 * 1000

_OPEN_ROWS = (
    "processor = 'square' AND account_id = ? AND method = 'card' AND payout_id IS NULL"
    " AND settlement_currency = ? AND available_ms <= ?"
)


def pay_out_all(call: Call) -> list[Json]:
    """Pay out what is available in each currency the seller has a location for."""
    locations: dict[str, Location] = {}
    for location in call.account.get_locations():
        locations.setdefault(location.currency, location)
    payouts = [pay_out(call, location) for location in locations.values()]
    return [payout for payout in payouts if payout is not None]


def pay_out(call: Call, location: Location) -> Json | None:
    """Pay out every available movement; None when they add up to nothing."""
    given = (call.account.account_id, location.currency, call.now_ms)
    rows = call.simulation.store.rows(
        f"SELECT * FROM movements WHERE {_OPEN_ROWS} ORDER BY sequence",  # noqa: S608
        given,
    )
    amount_minor = sum(row["settled_minor"] - row["fee_minor"] for row in rows)
    if amount_minor <= 0:
        return None
    payout = _build(call, location, amount_minor)
    call.simulation.store.execute(
        f"UPDATE movements SET payout_id = ? WHERE {_OPEN_ROWS}",  # noqa: S608
        (payout["id"], *given),
    )
    _save_entries(call, payout["id"], rows)
    _send(call, payout)
    return payout


def _build(call: Call, location: Location, amount_minor: int) -> Json:
    now = to_iso(call.now_ms)
    arrives = datetime.fromtimestamp((call.now_ms + _DAY_MS) / 1000, UTC)
    return {
        "id": f"po_{uuid.uuid4()}",
        "status": "SENT",
        "location_id": location.id,
        "created_at": now,
        "updated_at": now,
        "amount_money": _money(amount_minor, location.currency),
        "destination": {"type": "BANK_ACCOUNT", "id": f"bact:{call.account.account_id}"},
        "version": 1,
        "type": "BATCH",
        "arrival_date": arrives.date().isoformat(),
        "end_to_end_id": f"L{call.now_ms}",
        "_created_ms": call.now_ms,
    }


def _money(amount_minor: int, currency: str) -> Json:
    return {"amount": amount_minor, "currency_code": currency}


def _save_entries(call: Call, payout_id: str, rows: list[sqlite3.Row]) -> None:
    entries = [_build_entry(payout_id, row) for row in rows]
    saved = [(each["id"], payout_id, call.now_ms, call.now_ms, dump(each)) for each in entries]
    call.simulation.objects.save_many(call.scope(ENTRY), saved)


def _build_entry(payout_id: str, row: sqlite3.Row) -> Json:
    currency, fee_minor = row["settlement_currency"], row["fee_minor"]
    named = row["object_id"]
    return {
        "id": named if named.startswith("poe_") else new_entry_id(),
        "payout_id": payout_id,
        "effective_at": to_iso(row["occurred_ms"]),
        "gross_amount_money": _money(row["settled_minor"], currency),
        "fee_amount_money": _money(fee_minor, currency),
        "net_amount_money": _money(row["settled_minor"] - fee_minor, currency),
        **_describe_activity(row),
    }


def _describe_activity(row: sqlite3.Row) -> Json:
    if row["activity"]:
        described: Json = json.loads(row["activity"])
        return described
    if row["kind"] == "charge":
        return {"type": "CHARGE", "type_charge_details": {"payment_id": row["object_id"]}}
    details = {"payment_id": row["source_id"], "refund_id": row["object_id"]}
    return {"type": "REFUND", "type_refund_details": details}


def _send(call: Call, payout: Json) -> None:
    _post(call, payout, "bank_payout", -payout["amount_money"]["amount"], "PAYOUT")
    # The movement of a payout is no entry of another one.
    call.simulation.store.execute(
        "UPDATE movements SET payout_id = ?1 WHERE account_id = ?2 AND kind = 'bank_payout'"
        " AND payout_id IS NULL",
        (payout["id"], call.account.account_id),
    )
    events.record(call, "payout.sent", payout, _save(call, payout))
    account_id, due_ms = call.account.account_id, call.now_ms + _DAY_MS
    call.simulation.schedule.add(DueTask(due_ms, ARRIVE_TASK, "square", account_id, payout["id"]))


def _post(call: Call, payout: Json, kind: str, amount_minor: int, entry_type: str) -> None:
    move = Move(
        kind=kind,
        activity={"type": entry_type},
        amount_minor=amount_minor,
        currency=payout["amount_money"]["currency_code"],
        mover_id=payout["id"],
        about_id=payout["id"],
    )
    post(call, move)


def _save(call: Call, payout: Json) -> str:
    return call.save(KIND, payout, created_ms=payout["_created_ms"])


def arrive(call: Call, payout_id: str) -> None:
    """The task of the arrival date."""
    payout = call.find(KIND, payout_id)
    if payout is not None and payout["status"] == "SENT":
        mark_paid(call, payout)


def mark_paid(call: Call, payout: Json) -> None:
    """:raises SquareError: it is not on its way."""
    if payout["status"] != "SENT":
        raise bad_request(f"Payout {payout['id']} is {payout['status']} already.")
    _move_to(call, payout, "PAID")


def fail_payout(call: Call, payout: Json) -> None:
    """The bank sends the money back.

    :raises SquareError: it came back before.
    """
    if payout["status"] == "FAILED":
        raise bad_request(f"Payout {payout['id']} has failed already.")
    amount_minor = payout["amount_money"]["amount"]
    _post(call, payout, "bank_payout_failed", amount_minor, "RETURNED_PAYOUT")
    _move_to(call, payout, "FAILED")


def _move_to(call: Call, payout: Json, status: str) -> None:
    now = to_iso(call.now_ms)
    payout |= {"status": status, "version": payout["version"] + 1, "updated_at": now}
    events.record(call, f"payout.{status.lower()}", payout, _save(call, payout))


def pay_out_daily(call: Call, _account_id: str) -> None:
    """The task of midnight, which makes the next day's."""
    if call.account.payout_interval != "daily":
        return
    if call.account.payouts_enabled:
        pay_out_all(call)
    account_id = call.account.account_id
    due = DueTask(call.now_ms + _DAY_MS, DAILY_TASK, "square", account_id, account_id)
    call.simulation.schedule.add(due)
