"""Failures that several payment rules and operations share. Pure."""

from bookedbarber.foundation.errors import Conflict, Invalid, Missing


class InvalidPaymentAmount(Invalid):
    """The amount cannot be paid."""

    code = "INVALID_PAYMENT_AMOUNT"


class UnsupportedCurrency(Invalid):
    """The currency is not supported."""

    code = "UNSUPPORTED_CURRENCY"


class PaymentRoutingFailed(Invalid):
    """Payment routing failed."""

    code = "PAYMENT_ROUTING_FAILED"

    def __init__(self, why: str, **details: object) -> None:
        super().__init__(f"Payment routing failed: {why}", **details)


class UnknownAppointment(Missing):
    """There is no such appointment."""


class UnknownBarber(Missing):
    """There is no such barber."""


class AppointmentAlreadyPaid(Conflict):
    """This appointment is already paid or being paid; a second part needs another visit_part."""
