"""Reading the legs of one payment."""

from bookedbarber.foundation.database import CompiledQuery

from ..models import PaymentLeg

_OF_PAYMENT = CompiledQuery(
    lambda: PaymentLeg.objects.select_related("connection").filter(payment=0).order_by("pk")
)


def list_legs(payment_id: int) -> list[PaymentLeg]:
    """The payment's legs with their connections, in the order of their making."""
    return _OF_PAYMENT.fetch(payment_id)
