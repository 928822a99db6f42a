"""Balance transactions: what each charge, refund and so on did to the balance, fee included.

What no charge or refund made is posted through `postings.py`.
"""

from dataclasses import dataclass

from processors.simulator.accounts import Account
from processors.simulator.call import Call
from processors.simulator.identifiers import stripe_id
from processors.simulator.messages import Json
from processors.simulator.movements import Movement
from processors.simulator.objects import visible
from processors.simulator.settlement import (
    Settlement,
    settle_charge,
    settle_debit,
    settle_without_fee,
)
from processors.simulator.stripe_api import bank_accounts
from processors.simulator.stripe_api.errors import missing
from processors.simulator.stripe_api.listing import list_objects, read_page

KIND = "balance_transaction"


@dataclass(frozen=True, slots=True)
class Posting:
    """What a balance transaction is about: its type, reporting category and source.

    https://docs.stripe.com/reports/balance-transaction-types
    """

    type: str
    category: str
    source: str | None
    description: str | None
    fee_description: str = "Stripe processing fees"


def build_for_charge(account: Account, charge: Json, created_ms: int) -> Json:
    settlement = _settle(account, charge)
    kind = "payment" if is_debit(charge) else "charge"
    posting = Posting(kind, "charge", charge["id"], charge["description"])
    available_ms = account.get_available_ms(_get_paid_ms(charge, created_ms))
    return build(posting, settlement, created_ms, available_ms)


def is_debit(charge: Json) -> bool:
    """Whether it takes money from a bank account, which lasts days."""
    return bool(charge["payment_method_details"]["type"] == bank_accounts.TYPE)


def _settle(account: Account, charge: Json) -> Settlement:
    settle = settle_debit if is_debit(charge) else settle_charge
    return settle(account, charge["amount_captured"], charge["currency"].upper())


def _get_paid_ms(charge: Json, now_ms: int) -> int:
    """When the bank pays, which Stripe expects of a debit from its beginning."""
    paid_ms: int = charge.get("_paid_ms") or now_ms
    return paid_ms


def build_for_failed_debit(call: Call, charge: Json, posted: Json) -> Json:
    """What undoes the transaction of a debit that came to nothing, fee included."""
    posting = Posting("payment_failure_refund", "charge_failure", charge["id"], "PAYMENT FAILURE")
    settlement = Settlement(posted["currency"].upper(), -posted["amount"], -posted["fee"], None)
    return build(posting, settlement, call.now_ms, posted["available_on"] * 1000)


def build_for_refund(account: Account, refund: Json, created_ms: int) -> Json:
    settlement = settle_without_fee(account, -refund["amount"], refund["currency"].upper())
    posting = Posting("refund", "refund", refund["id"], "REFUND FOR CHARGE")
    return build(posting, settlement, created_ms, account.get_available_ms(created_ms))


def build(posting: Posting, settlement: Settlement, created_ms: int, available_ms: int) -> Json:
    rate = settlement.exchange_rate
    return {
        "id": stripe_id("txn"),
        "object": "balance_transaction",
        "amount": settlement.amount_minor,
        "available_on": available_ms // 1000,
        "balance_type": "payments",
        "created": created_ms // 1000,
        "currency": settlement.currency.lower(),
        "description": posting.description,
        "exchange_rate": float(rate) if rate else None,
        "fee": settlement.fee_minor,
        "fee_details": _describe_fee(settlement, posting.fee_description),
        "net": settlement.amount_minor - settlement.fee_minor,
        "reporting_category": posting.category,
        "source": posting.source,
        "status": "pending",
        "type": posting.type,
    }


def _describe_fee(settlement: Settlement, description: str) -> list[Json]:
    if not settlement.fee_minor:
        return []
    return [
        {
            "amount": settlement.fee_minor,
            "application": None,
            "currency": settlement.currency.lower(),
            "description": description,
            "type": "stripe_fee",
        }
    ]


def post_charge(call: Call, charge: Json) -> str:
    """Write the balance transaction of a captured charge; return its id."""
    return _save(call, build_for_charge(call.account, charge, call.now_ms), charge)


def post_refund(call: Call, refund: Json) -> str:
    return _save(call, build_for_refund(call.account, refund, call.now_ms), refund)


def _save(call: Call, posted: Json, source: Json) -> str:
    call.save(KIND, posted, parent=source["id"])
    return str(posted["id"])


def charge_movement(call: Call, charge: Json, occurred_ms: int) -> Movement:
    """The journal's row for a captured charge; the fee is true even while Stripe hides it."""
    return _movement(
        call,
        "charge",
        charge,
        charge,
        settlement=_settle(call.account, charge),
        amount_minor=charge["amount_captured"],
        occurred_ms=occurred_ms,
    )


def refund_movement(call: Call, refund: Json, charge: Json, occurred_ms: int) -> Movement:
    settlement = settle_without_fee(call.account, -refund["amount"], refund["currency"].upper())
    amount_minor = -refund["amount"]
    return _movement(
        call,
        "refund",
        refund,
        charge,
        settlement=settlement,
        amount_minor=amount_minor,
        occurred_ms=occurred_ms,
    )


def _movement(
    call: Call,
    kind: str,
    moved_by: Json,
    charge: Json,
    *,
    settlement: Settlement,
    amount_minor: int,
    occurred_ms: int,
) -> Movement:
    return Movement(
        processor="stripe",
        account_id=call.account.account_id,
        kind=kind,
        method="bank" if is_debit(charge) else "card",
        object_id=moved_by["id"],
        source_id=charge["id"],
        amount_minor=amount_minor,
        tip_minor=_read_tip(charge) if kind == "charge" else 0,
        currency=charge["currency"].upper(),
        settled_minor=settlement.amount_minor,
        fee_minor=settlement.fee_minor,
        settlement_currency=settlement.currency,
        exchange_rate=settlement.exchange_rate,
        reference=charge["metadata"].get("reference"),
        occurred_ms=occurred_ms,
        available_ms=call.account.get_available_ms(_get_paid_ms(charge, occurred_ms)),
    )


def _read_tip(charge: Json) -> int:
    """Stripe knows no tip on an online charge; ours is in the metadata, in minor units.

    One at a reader is in its intent, and noted on the charge.
    """
    if "_tip_minor" in charge:
        return int(charge["_tip_minor"])
    text = str(charge["metadata"].get("tip_minor", ""))
    return int(text) if text.isdecimal() else 0


def with_status(call: Call, posted: Json) -> Json:
    """A transaction is pending until its funds are available, which only the clock decides."""
    is_available = posted["available_on"] <= call.now_seconds
    return {**posted, "status": "available" if is_available else "pending"}


def retrieve(call: Call) -> Json:
    posted = call.find(KIND, call.ids["id"])
    if posted is None:
        raise missing("balance transaction", call.ids["id"])
    return with_status(call, posted)


def list_transactions(call: Call) -> Json:
    given = call.parameters
    equal = {"type": given.get("type"), "currency": given.get("currency")}
    equal["_payout"] = given.get("payout")
    page = read_page(call, equal=equal, parent=given.get("source"))
    answer = list_objects(call, KIND, "/v1/balance_transactions", page)
    answer["data"] = [with_status(call, visible(each)) for each in answer["data"]]
    return answer
