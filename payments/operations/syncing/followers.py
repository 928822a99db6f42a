"""What follows from listed objects beside their movements. Each asks or writes for itself."""

from collections.abc import Iterable
from datetime import datetime

from django.utils import timezone

from processors.contract import Movement, MovementKind
from processors.models import Connection

from ...models import PaymentLeg
from ...states import LegState
from ..charges import charge_legs
from ..sending import ask_about
from ..settlement import settle_leg
from .batches import Batch
from .storing import Reading

OPEN_LEG_STATES = [LegState.SUBMITTED, LegState.UNKNOWN, LegState.REQUIRES_ACTION]


def follow_batch(reading: Reading, batch: Batch) -> None:
    """Bring what is ours to what the processor says of it: legs, refunds, disputes."""
    settle_found_legs(
        connection=reading.connection,
        movements=batch.movements.values(),
        by=reading.by,
        now=reading.now,
    )


def settle_found_legs(
    *, connection: Connection, movements: Iterable[Movement], by: str, now: datetime
) -> int:
    """Settle the open legs of ours whose charge is listed. Returns how many were asked about.

    The list says that something happened; the processor's answer about the leg decides. One whose
    request is still under way is left to that request.
    """
    references = {
        movement.our_reference
        for movement in movements
        if movement.kind == MovementKind.CHARGE and movement.our_reference
    }
    legs = list(
        PaymentLeg.objects.filter(
            public_id__in=references, connection=connection, state__in=OPEN_LEG_STATES
        )
        .exclude(state=LegState.SUBMITTED, lease_until__gte=timezone.now())
        .select_related("payment", "connection")
        .order_by("pk")
    )
    for leg in legs:
        evidence = ask_about(leg, now=now)
        settled = settle_leg(leg=leg, evidence=evidence, by=by, now=now)
        if settled.next_leg is not None:
            charge_legs(leg=settled.next_leg, by=by, now=now)
    return len(legs)
