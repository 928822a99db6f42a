"""What follows from listed objects beside their movements: for legs, refunds and disputes of ours.

All of it is safe to repeat and part of the batch's transaction, so that no sync, killed between
the two, has recorded the money and forgotten the rest.
"""

from collections.abc import Callable, Iterable
from datetime import datetime
from logging import getLogger

from django.db import transaction
from django.db.models import Q

from bookedbarber.foundation.errors import DomainError
from bookedbarber.foundation.jobs import enqueue_on_commit
from processors.contract import DisputeStatement, Movement, MovementKind, RefundStatement
from processors.models import Connection

from ...models import PaymentLeg
from ...states import ASKED_ABOUT_STATES
from ..disputes import note_dispute
from ..refund_news import note_refund

log = getLogger("bookedbarber.sync")


def hasten_found_legs(
    *, connection: Connection, movements: Iterable[Movement], now: datetime
) -> int:
    """Let open legs of ours whose charge is listed be asked about now. Returns how many.

    The list says that something happened; the processor's answer about the leg settles it. One
    that somebody has in hand is left to him.
    """
    references = {
        movement.our_reference
        for movement in movements
        if movement.kind == MovementKind.CHARGE and movement.our_reference
    }
    if not references:
        return 0
    open_legs = PaymentLeg.objects.filter(
        Q(lease_until=None) | Q(lease_until__lt=now),
        public_id__in=references,
        connection=connection,
        state__in=ASKED_ABOUT_STATES,
    )
    hastened = open_legs.update(next_check_at=now)
    if hastened:
        enqueue_on_commit("payments.settle_unknown_legs")
    return hastened


def note_refunds(
    *, connection: Connection, statements: Iterable[RefundStatement], by: str, now: datetime
) -> None:
    """Note what is listed of refunds on legs of ours; of others the movements say all."""
    listed = {statement.external_id: statement for statement in statements}.values()
    payments = {statement.payment_external_id for statement in listed} - {""}
    if not payments:
        return
    ours = set(
        PaymentLeg.objects.filter(connection=connection, external_id__in=payments).values_list(
            "external_id", flat=True
        )
    )
    for statement in sorted(listed, key=lambda one: (one.payment_external_id, one.external_id)):
        if statement.payment_external_id in ours:
            _note(
                statement.external_id,
                lambda one=statement: note_refund(  # type: ignore[misc]
                    connection=connection, statement=one, by=by, now=now
                ),
            )


def note_disputes(
    *, connection: Connection, statements: Iterable[DisputeStatement], by: str, now: datetime
) -> None:
    """Note what is listed of disputes, of our sales and of others."""
    for statement in sorted(statements, key=lambda one: (one.external_id, one.version)):
        _note(
            statement.external_id,
            lambda one=statement: note_dispute(  # type: ignore[misc]
                statement=one, connection=connection, by=by, now=now
            ),
        )


def _note(name: str, act: Callable[[], object]) -> None:
    """One that does not fit what we know of it does not stop the account's sync."""
    try:
        with transaction.atomic():
            act()
    except DomainError as error:
        log.warning("%s was listed and could not be noted: %s", name, error.message)
