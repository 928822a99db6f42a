"""Debits of bank accounts: under way for days, then paid or failed; some come back later.

processing ──► succeeded ──► returned: a dispute that is lost from its beginning
           └─► requires_payment_method

Stripe shows a pending debit in the balance's transactions from its first day, and undoes that in
one of type `payment_failure_refund`: https://docs.stripe.com/reports/balance-transaction-types.
Returns: https://docs.stripe.com/payments/ach-direct-debit#disputed-payments
"""

from processors.simulator.call import Call
from processors.simulator.messages import Json
from processors.simulator.objects import visible
from processors.simulator.schedule import DueTask
from processors.simulator.stripe_api import balance_transactions, charges, events, payment_methods
from processors.simulator.stripe_api.bank_accounts import CURRENCY, TestBank
from processors.simulator.stripe_api.cards import Decline
from processors.simulator.stripe_api.dispute_acts import open_dispute
from processors.simulator.stripe_api.dispute_objects import Complaint, tell
from processors.simulator.stripe_api.errors import invalid, unexpected_state

INTENT = "payment_intent"
SETTLE_TASK = "stripe.settle_debit"
RETURN_TASK = "stripe.return_debit"
RETURN_FEE_MINOR = 1500


def start_debit(call: Call, intent: Json, method: Json, bank: TestBank) -> Json:
    """Send the debit to the bank.

    :raises StripeError: not in this currency, or the account's owner has not agreed.
    """
    _check_debit(intent, method)
    charge = charges.build_charge(intent, method, call.now_ms, captured=True)
    delay_ms = int(call.account.debit_delay_seconds * 1000)
    charge |= {"paid": False, "status": "pending", "_paid_ms": call.now_ms + delay_ms}
    charge["balance_transaction"] = balance_transactions.post_charge(call, charge)
    intent |= {"status": "processing", "latest_charge": charge["id"], "next_action": None}
    payment_methods.save_method(call, method)
    if not bank.never_ends:
        _schedule(call, SETTLE_TASK, charge["id"], charge["_paid_ms"])
    events.record(call, "charge.pending", charge, charges.save_charge(call, charge))
    _tell_of_intent(call, intent, "processing")
    return intent


def _check_debit(intent: Json, method: Json) -> None:
    if intent["currency"] != CURRENCY:
        message = f"The currency {intent['currency']} is not supported by us_bank_account."
        raise invalid(message, code="payment_method_unsupported_type", param="currency")
    if not method.get("_mandate"):
        message = "A debit of a bank account needs a mandate: save it by a SetupIntent first."
        raise invalid(message, param="mandate")


def _schedule(call: Call, task: str, charge_id: str, due_ms: int) -> None:
    account_id = call.account.account_id
    call.simulation.schedule.add(DueTask(due_ms, task, "stripe", account_id, charge_id))


def settle_due_debit(call: Call, charge_id: str) -> None:
    """The task that ends the bank's days, unless a door has done so before."""
    charge = charges.get_charge(call, charge_id)
    if charge["status"] != "pending":
        return
    bank = _get_bank(call, charge)
    if bank.failure is not None:
        fail_debit(call, charge, bank.failure)
        return
    succeed_debit(call, charge)
    if bank.return_reason:
        after_ms = int(call.account.return_delay_seconds * 1000)
        _schedule(call, RETURN_TASK, charge_id, call.now_ms + after_ms)


def _get_bank(call: Call, charge: Json) -> TestBank:
    method = payment_methods.get_method(call, charge["payment_method"])
    return payment_methods.find_bank(method) or TestBank("")


def succeed_debit(call: Call, charge: Json) -> None:
    """The bank has paid.

    :raises StripeError: it is not under way.
    """
    _check_status(charge, "pending")
    charge |= {"paid": True, "status": "succeeded"}
    movement = balance_transactions.charge_movement(call, charge, call.now_ms)
    call.simulation.movements.record(movement)
    events.record(call, "charge.succeeded", charge, charges.save_charge(call, charge))
    intent = _get_intent(call, charge)
    intent |= {"status": "succeeded", "amount_received": charge["amount"]}
    _tell_of_intent(call, intent, "succeeded")


def fail_debit(call: Call, charge: Json, failure: Decline) -> None:
    """The bank will not pay.

    :raises StripeError: it is not under way.
    """
    _check_status(charge, "pending")
    posted = call.find(balance_transactions.KIND, charge["balance_transaction"])
    if posted is not None:
        undone = balance_transactions.build_for_failed_debit(call, charge, posted)
        call.save(balance_transactions.KIND, undone, parent=charge["id"])
        charge["failure_balance_transaction"] = undone["id"]
    said = {"failure_code": failure.code, "failure_message": failure.message}
    charge |= {"paid": False, "status": "failed", **said}
    events.record(call, "charge.failed", charge, charges.save_charge(call, charge))
    method = payment_methods.get_method(call, charge["payment_method"])
    error = {
        "type": "invalid_request_error",
        "code": "payment_intent_payment_attempt_failed",
        "message": failure.message,
        "charge": charge["id"],
        "payment_method": visible(method),
    }
    intent = _get_intent(call, charge)
    intent |= {"status": "requires_payment_method", "payment_method": None}
    intent["last_payment_error"] = error
    _tell_of_intent(call, intent, "payment_failed")


def return_due_debit(call: Call, charge_id: str) -> None:
    """The task that lets a debit come back, unless a door has done so before."""
    charge = charges.get_charge(call, charge_id)
    if charge["status"] == "succeeded" and not charge["disputed"]:
        return_debit(call, charge, _get_bank(call, charge).return_reason)


def return_debit(
    call: Call, charge: Json, reason: str, *, fee_minor: int = RETURN_FEE_MINOR
) -> Json:
    """The bank takes back what it has paid; nobody is asked. Returns the lost dispute.

    :raises StripeError: it was not paid, or has come back before.
    """
    _check_status(charge, "succeeded")
    if charge["disputed"]:
        raise unexpected_state(f"Charge {charge['id']} has come back already.")
    complaint = Complaint(
        amount_minor=charge["amount_captured"],
        reason=reason,
        is_inquiry=False,
        due_ms=call.now_ms,
        fee_minor=fee_minor,
        is_final=True,
    )
    dispute = open_dispute(call, charge, complaint, withdraws=True)
    tell(call, dispute, "closed")
    return dispute


def _get_intent(call: Call, charge: Json) -> Json:
    intent = call.find(INTENT, charge["payment_intent"])
    if intent is None:
        raise unexpected_state(f"Charge {charge['id']} has no payment intent.")
    return intent


def _tell_of_intent(call: Call, intent: Json, what: str) -> None:
    text = call.save(INTENT, intent, created_ms=intent["created"] * 1000)
    events.record(call, f"payment_intent.{what}", intent, text)


def _check_status(charge: Json, status: str) -> None:
    if charge["status"] != status:
        raise unexpected_state(f"Charge {charge['id']} is {charge['status']}, not {status}.")
