"""A sale at a Stripe reader: an intent and a charge of type `card_present`."""

from processors.simulator.call import Call
from processors.simulator.control.terminal_sales import TerminalSale
from processors.simulator.messages import Json
from processors.simulator.objects import visible
from processors.simulator.stripe_api import charges, events, payment_intents, payment_methods
from processors.simulator.stripe_api.confirmation import save_intent
from processors.simulator.stripe_api.errors import invalid
from processors.simulator.stripe_api.limits import check_amount

_CARD = "pm_card_visa"


def take_sale(call: Call, sale: TerminalSale) -> Json:
    """:raises VendorError: Stripe would not have taken it."""
    if sale.method != "CARD":
        raise invalid(f"A Stripe reader takes cards, not {sale.method}.", param="method")
    check_amount(call.account, sale.total_minor, sale.currency)
    intent = _build_intent(call, sale)
    method = payment_methods.build_method(_CARD, call.now_ms) | {"_consumed": True}
    charge = charges.build_charge(intent, method, call.now_ms, captured=True)
    charge["payment_method_details"] = _describe_card(charge["payment_method_details"]["card"])
    charge["_tip_minor"] = sale.tip_minor
    charges.settle(call, charge)
    payment_methods.save_method(call, method)
    intent |= {
        "status": "succeeded",
        "amount_received": sale.total_minor,
        "latest_charge": charge["id"],
        "payment_method": method["id"],
    }
    events.record(call, "charge.succeeded", charge, charges.save_charge(call, charge))
    events.record(call, "payment_intent.succeeded", intent, save_intent(call, intent))
    return {**visible(intent), "latest_charge": visible(charge)}


def _build_intent(call: Call, sale: TerminalSale) -> Json:
    return payment_intents.build_intent(
        call,
        {
            "amount": sale.total_minor,
            "currency": sale.currency,
            "capture_method": "automatic",
            "allowed_payment_method_types": ["card_present"],
            "amount_details": {"tip": {"amount": sale.tip_minor} if sale.tip_minor else {}},
            "description": sale.note,
        },
    )


def _describe_card(card: Json) -> Json:
    kept = ("brand", "country", "exp_month", "exp_year", "fingerprint", "funding", "last4")
    return {
        "type": "card_present",
        "card_present": {
            **{name: card[name] for name in kept},
            "amount_authorized": card["amount_authorized"],
            "cardholder_name": None,
            "emv_auth_data": None,
            "generated_card": None,
            "incremental_authorization_supported": False,
            "network": card["network"],
            "overcapture_supported": False,
            "read_method": "contactless_emv",
            "receipt": None,
        },
    }
