"""Payouts to an account's bank: what makes one, and what becomes of it.

in_transit ──► paid ──► failed      a bank may send money back after it was called paid
      └──────────────────┴──► the money is on the balance again, and in the next payout

An automatic payout takes every transaction that is available, and they name it as theirs.
https://docs.stripe.com/payouts
"""

from processors.simulator.call import Call
from processors.simulator.identifiers import stripe_id
from processors.simulator.messages import Json
from processors.simulator.schedule import DueTask
from processors.simulator.stripe_api import balance_transactions, events
from processors.simulator.stripe_api.balance_transactions import Posting
from processors.simulator.stripe_api.errors import unexpected_state
from processors.simulator.stripe_api.postings import Move, post

KIND = "payout"
ARRIVE_TASK = "stripe.payout_arrives"
DAILY_TASK = "stripe.pay_out_daily"
FAILURE = "account_closed"
_ARRIVES_AFTER_MS = 2 * 24 * 60 * 60 * 1000
_DAY_MS = 24 * 60 * 60 * 1000

_OPEN_LINES = (
    "processor = 'stripe' AND account_id = ? AND kind = 'balance_transaction'"
    " AND json_extract(body, '$._payout') IS NULL AND json_extract(body, '$.currency') = ?"
    " AND json_extract(body, '$.available_on') <= ?"
)


def pay_out_all(call: Call) -> list[Json]:
    """Pay out what is available in each currency the account settles in."""
    payouts = [pay_out(call, currency.lower()) for currency in call.account.currencies]
    return [payout for payout in payouts if payout is not None]


def pay_out(call: Call, currency: str) -> Json | None:
    """Pay out every available transaction; None when they add up to nothing."""
    amount_minor = _sum_open_lines(call, currency)
    if amount_minor <= 0:
        return None
    payout = build_payout(call, amount_minor, currency, automatic=True)
    _claim_lines(call, currency, payout["id"])
    send_payout(call, payout)
    events.record(call, "payout.reconciliation_completed", payout, save_payout(call, payout))
    return payout


def _sum_open_lines(call: Call, currency: str) -> int:
    row = call.simulation.store.row(
        f"SELECT SUM(json_extract(body, '$.net')) AS net FROM objects WHERE {_OPEN_LINES}",  # noqa: S608
        (call.account.account_id, currency, call.now_seconds),
    )
    return int(row["net"] or 0) if row else 0


def _claim_lines(call: Call, currency: str, payout_id: str) -> None:
    call.simulation.store.execute(
        f"UPDATE objects SET body = json_set(body, '$._payout', ?) WHERE {_OPEN_LINES}",  # noqa: S608
        (payout_id, call.account.account_id, currency, call.now_seconds),
    )


def build_payout(call: Call, amount_minor: int, currency: str, *, automatic: bool) -> Json:
    given = call.parameters
    absent = (
        "application_fee",
        "application_fee_amount",
        "balance_transaction",
        "failure_balance_transaction",
        "failure_code",
        "failure_message",
        "original_payout",
        "payout_method",
        "reversed_by",
    )
    return {
        **dict.fromkeys(absent),
        "id": stripe_id("po"),
        "object": "payout",
        "amount": amount_minor,
        "arrival_date": (call.now_ms + _ARRIVES_AFTER_MS) // 1000,
        "automatic": automatic,
        "created": call.now_seconds,
        "currency": currency,
        "description": given.get("description") or "STRIPE PAYOUT",
        "destination": f"ba_{call.account.account_id}",
        "livemode": False,
        "metadata": given.get("metadata") or {},
        "method": given.get("method") or "standard",
        "reconciliation_status": "completed" if automatic else "not_applicable",
        "source_type": "card",
        "statement_descriptor": given.get("statement_descriptor"),
        "status": "in_transit",
        "trace_id": {"status": "pending", "value": None},
        "type": "bank_account",
    }


def send_payout(call: Call, payout: Json) -> None:
    """Take the money from the balance; it arrives by the clock."""
    move = Move(
        kind="bank_payout",
        posting=Posting("payout", "payout", payout["id"], payout["description"]),
        amount_minor=-payout["amount"],
        currency=payout["currency"],
        mover_id=payout["id"],
        about_id=payout["id"],
    )
    posted = post(call, move)
    payout["balance_transaction"] = posted["id"]
    # Stripe lists the payout's own transaction with those it carries, and never pays it out again.
    call.save(balance_transactions.KIND, {**posted, "_payout": payout["id"]}, parent=payout["id"])
    events.record(call, "payout.created", payout, save_payout(call, payout))
    due_ms = call.now_ms + _ARRIVES_AFTER_MS
    account_id = call.account.account_id
    call.simulation.schedule.add(DueTask(due_ms, ARRIVE_TASK, "stripe", account_id, payout["id"]))


def save_payout(call: Call, payout: Json) -> str:
    return call.save(KIND, payout, created_ms=payout["created"] * 1000)


def arrive(call: Call, payout_id: str) -> None:
    """The task of the arrival date."""
    payout = call.find(KIND, payout_id)
    if payout is not None and payout["status"] == "in_transit":
        mark_paid(call, payout)


def mark_paid(call: Call, payout: Json) -> None:
    """:raises StripeError: it is not on its way."""
    if payout["status"] != "in_transit":
        raise unexpected_state(f"Payout {payout['id']} is {payout['status']} already.")
    payout |= {"status": "paid", "trace_id": {"status": "supported", "value": payout["id"]}}
    events.record(call, "payout.paid", payout, save_payout(call, payout))


def fail_payout(call: Call, payout: Json, *, code: str) -> None:
    """The bank sends the money back.

    :raises StripeError: it came back before.
    """
    if payout["status"] not in ("in_transit", "paid"):
        raise unexpected_state(f"Payout {payout['id']} is {payout['status']} already.")
    move = Move(
        kind="bank_payout_failed",
        posting=Posting("payout_failure", "payout_reversal", payout["id"], "PAYOUT FAILURE"),
        amount_minor=payout["amount"],
        currency=payout["currency"],
        mover_id=payout["id"],
        about_id=payout["id"],
    )
    payout |= {
        "status": "failed",
        "failure_balance_transaction": post(call, move)["id"],
        "failure_code": code,
        "failure_message": f"The bank returned the payout: {code.replace('_', ' ')}.",
    }
    events.record(call, "payout.failed", payout, save_payout(call, payout))


def pay_out_daily(call: Call, _account_id: str) -> None:
    """The task of midnight, which makes the next day's."""
    if call.account.payout_interval != "daily":
        return
    if call.account.payouts_enabled:
        pay_out_all(call)
    account_id = call.account.account_id
    due = DueTask(call.now_ms + _DAY_MS, DAILY_TASK, "stripe", account_id, account_id)
    call.simulation.schedule.add(due)
