"""From a validated request to the values that operations and queries take."""

from datetime import datetime
from typing import Any

from rest_framework.request import Request

from bookedbarber.accounts.api.authentication import get_person
from bookedbarber.foundation.money import Money

from ..operations.claims import Order
from ..queries.payees import Payee, get_payee
from ..queries.routing import BarberFacts, get_barber_facts, get_limits
from ..rules.limits import check_amount, check_tip
from ..rules.tokens import find_connection_id
from ..states import ClientPreference


def read_payee(request: Request, fields: dict[str, Any]) -> Payee:
    return get_payee(
        get_person(request),
        appointment_id=fields.get("appointment_id"),
        barber_id=fields.get("barber_id"),
    )


def read_money(payee: Payee, fields: dict[str, Any], known: BarberFacts) -> Money:
    """The amount in the currency asked for, else the appointment's, else the barber's."""
    currency = fields.get("currency")
    if currency is None and payee.appointment is not None:
        currency = payee.appointment.currency
    if currency is None:
        currency = known.terms.currency
    return check_amount(fields["amount"], currency, get_limits())


def read_preference(fields: dict[str, Any]) -> ClientPreference | None:
    preference = fields.get("client_preference")
    return None if preference is None else ClientPreference(preference)


def read_available(fields: dict[str, Any], known: BarberFacts) -> frozenset[int] | None:
    """The connections that the payer has a token for; None: not said."""
    if "available" not in fields:
        return None
    return frozenset(
        find_connection_id(name, known.accounts, field="available") for name in fields["available"]
    )


def read_order(request: Request, fields: dict[str, Any], now: datetime) -> Order:
    payee = read_payee(request, fields)
    amount = read_money(payee, fields, get_barber_facts(payee.barber, now=now))
    tip = fields.get("tip_amount")
    return Order(
        barber=payee.barber,
        appointment=payee.appointment,
        amount=amount,
        tip=Money.zero(amount.currency) if tip is None else check_tip(tip, amount),
        payment_methods=fields.get("payment_methods", {}),
        preference=read_preference(fields),
        visit_part=fields.get("visit_part", 1),
        metadata=fields.get("metadata", {}),
    )
