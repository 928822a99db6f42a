"""What a connected account sees of a transfer: a payment it received, and refunds of that."""

from dataclasses import replace

from processors.simulator.accounts import Account
from processors.simulator.call import Call
from processors.simulator.identifiers import stripe_id
from processors.simulator.messages import Json
from processors.simulator.stripe_api import charges
from processors.simulator.stripe_api.balance_transactions import Posting
from processors.simulator.stripe_api.postings import Move, post
from processors.simulator.stripe_api.refunds import KIND as REFUND

_ABSENT = (
    "application",
    "application_fee",
    "application_fee_amount",
    "calculated_statement_descriptor",
    "customer",
    "description",
    "failure_balance_transaction",
    "failure_code",
    "failure_message",
    "on_behalf_of",
    "outcome",
    "payment_intent",
    "payment_method",
    "receipt_email",
    "receipt_number",
    "receipt_url",
    "review",
    "shipping",
    "source",
    "statement_descriptor",
    "statement_descriptor_suffix",
    "transfer_data",
    "transfer_group",
)


def receive_payment(call: Call, destination: Account, transfer: Json) -> str:
    """Give the money to the connected account; return the payment's id."""
    theirs = replace(call, account=destination)
    payment = _build_payment(call, transfer)
    posted = post(
        theirs,
        Move(
            kind="transfer_received",
            posting=Posting("payment", "charge", payment["id"], transfer["description"]),
            amount_minor=payment["amount"],
            currency=payment["currency"],
            mover_id=payment["id"],
            about_id=transfer["id"],
        ),
    )
    payment["balance_transaction"] = posted["id"]
    theirs.save(charges.KIND, payment, parent=transfer["id"])
    return str(payment["id"])


def _build_payment(call: Call, transfer: Json) -> Json:
    amount_minor = transfer["amount"]
    return {
        **dict.fromkeys(_ABSENT),
        "id": stripe_id("py"),
        "object": "charge",
        "amount": amount_minor,
        "amount_captured": amount_minor,
        "amount_refunded": 0,
        "balance_transaction": None,
        "billing_details": {"address": None, "email": None, "name": None, "phone": None},
        "captured": True,
        "created": call.now_seconds,
        "currency": transfer["currency"],
        "disputed": False,
        "fraud_details": {},
        "livemode": False,
        "metadata": {},
        "paid": True,
        "payment_method_details": {"stripe_account": {}, "type": "stripe_account"},
        "refunded": False,
        "source_transfer": transfer["id"],
        "status": "succeeded",
    }


def give_back(call: Call, destination: Account, transfer: Json, amount_minor: int) -> str | None:
    """Take the money of a reversal from the connected account; return the refund's id."""
    theirs = replace(call, account=destination)
    payment = theirs.find(charges.KIND, transfer["destination_payment"])
    if payment is None:
        return None
    refund = _build_refund(call, payment, amount_minor)
    posted = post(
        theirs,
        Move(
            kind="transfer_received_reversed",
            posting=Posting("payment_refund", "refund", refund["id"], "REFUND FOR PAYMENT"),
            amount_minor=-amount_minor,
            currency=payment["currency"],
            mover_id=refund["id"],
            about_id=payment["id"],
        ),
    )
    refund["balance_transaction"] = posted["id"]
    theirs.save(REFUND, refund, parent=payment["id"])
    payment["amount_refunded"] += amount_minor
    payment["refunded"] = payment["amount_refunded"] == payment["amount"]
    created_ms = payment["created"] * 1000
    theirs.save(charges.KIND, payment, parent=transfer["id"], created_ms=created_ms)
    return str(refund["id"])


def _build_refund(call: Call, payment: Json, amount_minor: int) -> Json:
    absent = ("customer", "payment_intent", "payment_method", "reason", "receipt_number")
    return {
        **dict.fromkeys(absent),
        "id": stripe_id("pyr"),
        "object": "refund",
        "amount": amount_minor,
        "balance_transaction": None,
        "charge": payment["id"],
        "created": call.now_seconds,
        "currency": payment["currency"],
        "metadata": {},
        "source_transfer_reversal": None,
        "status": "succeeded",
        "transfer_reversal": None,
    }
