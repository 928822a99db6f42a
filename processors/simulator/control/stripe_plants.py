"""Differences at Stripe: in a charge, its intent and its balance transaction together."""

from collections.abc import Callable

from processors.simulator.call import Call
from processors.simulator.control.planting import (
    Difference,
    Planted,
    change_movement,
    remove,
    remove_movement,
    rewrite,
)
from processors.simulator.control.requests import BadRequest
from processors.simulator.messages import Json
from processors.simulator.stripe_api import balance_transactions, charges
from processors.simulator.stripe_api.confirmation import KIND as INTENT


class Sale:
    """A captured charge with what belongs to it."""

    def __init__(self, call: Call, charge: Json) -> None:
        if not charge["captured"] or charge["amount_refunded"]:
            raise BadRequest("A difference is planted in a captured charge without refunds.")
        self.call = call
        self.charge = charge
        self.intent = call.find(INTENT, charge["payment_intent"] or "")
        self.posted = call.find(balance_transactions.KIND, charge["balance_transaction"] or "")

        if self.posted is not None and self.posted["exchange_rate"]:
            raise BadRequest("A difference is planted in a charge that was not converted.")

    def describe(self) -> Json:
        """The figures that may differ."""
        return {
            "amount_minor": self.charge["amount"],
            "currency": self.charge["currency"].upper(),
            "fee_minor": self.posted["fee"] if self.posted else None,
            "status": self.charge["status"],
        }

    def save(self) -> None:
        rewrite(self.call, charges.KIND, self.charge)
        if self.intent is not None:
            rewrite(self.call, INTENT, self.intent)
        if self.posted is not None:
            rewrite(self.call, balance_transactions.KIND, self.posted)


def plant(call: Call, charge: Json, difference: Difference) -> Planted:
    """:raises BadRequest: the charge is not one a difference can be planted in."""
    sale = Sale(call, charge)
    before = sale.describe()
    _KINDS[difference.kind](sale, difference)
    after = {} if difference.kind == "deleted" else sale.describe()
    return Planted(charge["id"], before, after)


def _change_amount(sale: Sale, difference: Difference) -> None:
    amount_minor = difference.amount_minor
    sale.charge |= {"amount": amount_minor, "amount_captured": amount_minor}
    if sale.intent is not None:
        sale.intent |= {"amount": amount_minor, "amount_received": amount_minor}
    if sale.posted is not None and amount_minor is not None:
        sale.posted |= {"amount": amount_minor, "net": amount_minor - sale.posted["fee"]}
    sale.save()
    change_movement(
        sale.call, sale.charge["id"], amount_minor=amount_minor, settled_minor=amount_minor
    )


def _change_currency(sale: Sale, difference: Difference) -> None:
    currency = (difference.currency or "").upper()
    for body in (sale.charge, sale.intent, sale.posted):
        if body is not None:
            body["currency"] = currency.lower()
    sale.save()
    change_movement(sale.call, sale.charge["id"], currency=currency, settlement_currency=currency)


def _change_fee(sale: Sale, difference: Difference) -> None:
    if sale.posted is None:
        raise BadRequest("The fee of this charge is not known yet.")
    fee_minor = difference.fee_minor or 0
    sale.posted |= {"fee": fee_minor, "net": sale.posted["amount"] - fee_minor}
    for detail in sale.posted["fee_details"]:
        detail["amount"] = fee_minor
    sale.save()
    change_movement(sale.call, sale.charge["id"], fee_minor=fee_minor)


def _fail(sale: Sale, _difference: Difference) -> None:
    sale.charge |= {
        "status": "failed",
        "paid": False,
        "captured": False,
        "amount_captured": 0,
        "balance_transaction": None,
        "failure_code": "card_declined",
        "failure_message": "Your card was declined.",
    }
    if sale.intent is not None:
        sale.intent |= {"status": "requires_payment_method", "amount_received": 0}
    if sale.posted is not None:
        remove(sale.call, balance_transactions.KIND, sale.posted["id"])
        sale.posted = None
    sale.save()
    remove_movement(sale.call, sale.charge["id"])


def _delete(sale: Sale, _difference: Difference) -> None:
    for kind, body in (
        (charges.KIND, sale.charge),
        (INTENT, sale.intent),
        (balance_transactions.KIND, sale.posted),
    ):
        if body is not None:
            remove(sale.call, kind, body["id"])
    remove_movement(sale.call, sale.charge["id"])


_KINDS: dict[str, Callable[[Sale, Difference], None]] = {
    "amount": _change_amount,
    "currency": _change_currency,
    "fee": _change_fee,
    "status": _fail,
    "deleted": _delete,
}
