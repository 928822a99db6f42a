"""Giving back money that moved on a leg which was closed without it."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from bookedbarber.foundation.audit import record_audit
from bookedbarber.foundation.database import retry_transaction
from bookedbarber.foundation.errors import Conflict
from processors.errors import CredentialsRefused, ProcessorNotReached, RequestRefused

from ...models import Discrepancy, ExternalTransaction
from ...states import DiscrepancyState, Fix, Purpose
from .refunding import NotRefunded, only_refund_of, refund_rest


class NotToBeGivenBack(Conflict):
    """The money is explained, or its discrepancy settled, in another way."""


def give_back(*, discrepancy: Discrepancy, reason: str, by: str, now: datetime) -> Discrepancy:
    """Refund, at the processor, what is left of the money that the discrepancy is about.

    Until the end nobody explains the money. `record_movements` settles the discrepancy once all is
    given back; while the processor calls the refund pending it stays open. Safe to repeat. No
    transaction is open.

    :raises NotToBeGivenBack: the money was explained meanwhile, or is settled.
    :raises RefundUnderWay: somebody else holds it.
    :raises NotRefunded: the refund failed; nothing moved.
    :raises RequestRefused, CredentialsRefused, ProcessorNotReached: nothing moved.
    :raises AnswerLost: money may have moved; repeat it.
    """
    charge_id = _get_charge_id(discrepancy)
    with only_refund_of(charge_id):
        charge = _claim(charge_id, discrepancy, reason, by)
        if charge is not None:
            with _let_go_of_what_was_refused(discrepancy):
                refund_rest(charge=charge, discrepancy=discrepancy, reason=reason, by=by, now=now)
    return Discrepancy.objects.get(pk=discrepancy.pk)


def _get_charge_id(discrepancy: Discrepancy) -> int:
    moved = discrepancy.transaction
    assert moved is not None
    return moved.sale_id or moved.pk


@retry_transaction
def _claim(charge_id: int, found: Discrepancy, reason: str, by: str) -> ExternalTransaction | None:
    """The charge, which nobody explains from now on; None where all is done."""
    locked = ExternalTransaction.objects.select_for_update(no_key=True, of=["self"])
    charge = locked.select_related("connection").get(pk=charge_id)
    row = Discrepancy.objects.select_for_update(of=["self"]).get(pk=found.pk)
    if row.state == DiscrepancyState.RESOLVED and row.fix == Fix.REFUND_IT:
        return None
    if row.state == DiscrepancyState.RESOLVED or charge.purpose != Purpose.UNEXPLAINED:
        raise NotToBeGivenBack(f"{charge} counts as {charge.purpose}", fix=row.fix)
    if row.fix != Fix.REFUND_IT:
        row.fix = Fix.REFUND_IT
        row.save(update_fields=["fix"])
        said = {"external_id": charge.external_id, "left": str(charge.get_left())}
        record_audit(
            subject=row.public_id,
            action="discrepancy.refund_requested",
            by=by,
            after=said,
            reason=reason,
        )
    return charge


@contextmanager
def _let_go_of_what_was_refused(discrepancy: Discrepancy) -> Iterator[None]:
    """A definite no leaves the money to be explained, or refunded another time."""
    try:
        yield
    except (RequestRefused, CredentialsRefused, ProcessorNotReached, NotRefunded):
        Discrepancy.objects.open().filter(pk=discrepancy.pk).update(fix="")
        raise
