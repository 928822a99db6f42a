"""The platform's leg after a technical refusal of the barber's account."""

from collections.abc import Sequence
from datetime import datetime

from ..models import Payment, PaymentLeg
from ..states import Decision
from .legs import build_whole_leg


def fall_back(
    *, payment: Payment, legs: Sequence[PaymentLeg], failed: PaymentLeg, now: datetime
) -> PaymentLeg | None:
    """Claim the platform's leg if the decision agreed on one and nothing else was tried yet.

    Inside the transaction that closes the failed leg. The decision becomes `fallback` and says
    what refused.
    """
    connection_id = payment.decision_facts.get("fallback_connection_id")
    if connection_id is None or connection_id == failed.connection_id or len(legs) > 1:
        return None
    payment.decision = Decision.FALLBACK
    payment.decision_facts = payment.decision_facts | {
        "fallback_connection_id": None,
        "reason": "processor_refused",
        "explanation": (
            f"{payment.decision_facts['explanation']} It refused "
            f"({failed.failure_kind}: {failed.failure_message}), so the platform took over."
        ),
    }
    payment.save(update_fields=["decision", "decision_facts"])
    leg = build_whole_leg(payment, connection_id=connection_id, now=now)
    leg.save(force_insert=True)
    return leg
