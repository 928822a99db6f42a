"""A past sale as Stripe would have it: an intent, its charge, refunds, balance transactions."""

from processors.simulator.accounts import Account
from processors.simulator.call import Call
from processors.simulator.control.past import Batch, PastRefund, PastSale
from processors.simulator.messages import Json
from processors.simulator.objects import visible
from processors.simulator.stripe_api import (
    balance_transactions,
    charges,
    payment_intents,
    payment_methods,
    refunds,
)
from processors.simulator.stripe_api.cards import TEST_CARDS
from processors.simulator.stripe_api.confirmation import KIND as INTENT
from processors.simulator.stripe_api.errors import invalid
from processors.simulator.stripe_api.limits import check_amount

_DEFAULT_CARD = "pm_card_visa"


def add_sale(batch: Batch, account: Account, sale: PastSale) -> Json:
    """Add the sale and its refunds; return the intent with charge and transaction expanded.

    :raises VendorError: Stripe would not have taken it.
    """
    if sale.method != "CARD":
        raise invalid(f"Stripe takes cards, not {sale.method}.", param="method")
    check_amount(account, sale.total_minor, sale.currency)
    call = Call(batch.simulation, account, account, sale.occurred_ms, {}, {})
    intent, charge = _build(batch, call, sale)
    posted = _post_charge(batch, call, charge)
    charge["balance_transaction"] = posted["id"]
    for refund in sale.refunds:
        _add_refund(batch, call, charge, refund)
    _add_objects(batch, call, intent, charge, sale.changed_ms)
    posted = balance_transactions.with_status(_now(call), posted)
    return {**intent, "latest_charge": {**visible(charge), "balance_transaction": posted}}


def _now(call: Call) -> Call:
    simulation = call.simulation
    return Call(simulation, call.caller, call.account, simulation.clock.now_ms(), {}, {})


def _build(batch: Batch, call: Call, sale: PastSale) -> tuple[Json, Json]:
    metadata = dict(sale.metadata)
    if sale.reference is not None:
        metadata["reference"] = sale.reference
    if sale.tip_minor:
        metadata["tip_minor"] = str(sale.tip_minor)
    given = {
        "amount": sale.total_minor,
        "currency": sale.currency,
        "metadata": metadata,
        "description": sale.description,
    }
    intent = payment_intents.build_intent(call, given)
    method = _find_method(batch, call, sale.payment_method or _DEFAULT_CARD)
    charge = charges.build_charge(intent, method, call.now_ms, captured=True)
    intent |= {
        "status": "succeeded",
        "amount_received": intent["amount"],
        "latest_charge": charge["id"],
        "payment_method": method["id"],
    }
    return intent, charge


def _find_method(batch: Batch, call: Call, token: str) -> Json:
    """One payment method for each test card in a batch."""
    card = TEST_CARDS.get(token)
    if card is None or card.decline or card.asks_for_authentication:
        raise invalid(f"{token} is not a test card that pays.", param="payment_method")
    if token not in batch.methods:
        method = payment_methods.build_method(token, call.now_ms)
        method["_consumed"] = True
        batch.methods[token] = method
        batch.add_object(call.scope(payment_methods.KIND), method, created_ms=call.now_ms)
    return batch.methods[token]


def _post_charge(batch: Batch, call: Call, charge: Json) -> Json:
    posted = balance_transactions.build_for_charge(call.account, charge, call.now_ms)
    scope = call.scope(balance_transactions.KIND)
    batch.add_object(scope, posted, created_ms=call.now_ms, parent=charge["id"])
    movement = balance_transactions.charge_movement(call, charge, call.now_ms)
    batch.movements.append(movement)
    return posted


def _add_refund(batch: Batch, call: Call, charge: Json, past: PastRefund) -> None:
    moment_ms = past.occurred_ms
    refund = refunds.build_refund(charge, past.amount_minor, moment_ms, {})
    refunds.apply_to_charge(charge, past.amount_minor)
    posted = balance_transactions.build_for_refund(call.account, refund, moment_ms)
    refund["balance_transaction"] = posted["id"]
    scope = call.scope(balance_transactions.KIND)
    batch.add_object(scope, posted, created_ms=moment_ms, parent=refund["id"])
    scope = call.scope(refunds.KIND)
    text = batch.add_object(scope, refund, created_ms=moment_ms, parent=charge["id"])
    movement = balance_transactions.refund_movement(call, refund, charge, moment_ms)
    batch.movements.append(movement)
    batch.add_event(scope, "refund.created", refund["id"], moment_ms, text)


def _add_objects(batch: Batch, call: Call, intent: Json, charge: Json, changed_ms: int) -> None:
    moment_ms = call.now_ms
    scope = call.scope(charges.KIND)
    charge_text = batch.add_object(
        scope, charge, created_ms=moment_ms, updated_ms=changed_ms, parent=intent["id"]
    )
    intent_text = batch.add_object(call.scope(INTENT), intent, created_ms=moment_ms)
    batch.add_event(scope, "charge.succeeded", charge["id"], moment_ms, charge_text)
    batch.add_event(scope, "payment_intent.succeeded", intent["id"], moment_ms, intent_text)
    if charge["amount_refunded"]:
        batch.add_event(scope, "charge.refunded", charge["id"], changed_ms, charge_text)
