"""Giving back money that moved on a leg which was closed without it."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import partial

from bookedbarber.foundation.audit import record_audit
from bookedbarber.foundation.database import retry_transaction
from bookedbarber.foundation.errors import Conflict
from bookedbarber.foundation.models import AuditEntry
from bookedbarber.foundation.money import Money, total
from processors.contract import RefundRequest, Refunds, RefundState, RefundStatement
from processors.errors import CredentialsRefused, ProcessorNotReached, RequestRefused
from processors.registry import get_adapter

from ...models import Discrepancy, ExternalTransaction
from ...states import DiscrepancyState, Fix, Purpose
from ..questioning import look_for
from ..refund_news import note_refund
from ..syncing.locks import session_lock
from .refunding import DEAD, VisitNotRefunded, check_refunded

_REFUSED = "discrepancy.refund_refused"


class RefundUnderWay(Conflict):
    """Somebody is giving it back at this moment."""


class NotToBeGivenBack(Conflict):
    """The money is explained, or its discrepancy settled, in another way."""


def give_back(*, discrepancy: Discrepancy, reason: str, by: str, now: datetime) -> Discrepancy:
    """Refund, at the processor, what is left of the money that the discrepancy is about.

    The discrepancy is the intent: its id is the reference and idempotency key, and until the end
    nobody explains the money. What the processor lists is noted first, so what was refunded in its
    dashboard is not refunded again. `record_movements` settles the discrepancy once all is given
    back; while the processor calls the refund pending it stays open. Safe to repeat. No transaction
    is open.

    :raises NotToBeGivenBack: the money was explained meanwhile, or is settled.
    :raises RefundUnderWay: somebody else holds it.
    :raises VisitNotRefunded: the refund failed; nothing moved.
    :raises RequestRefused, CredentialsRefused, ProcessorNotReached: nothing moved.
    :raises AnswerLost: money may have moved; repeat it.
    """
    with session_lock(f"give back:{discrepancy.pk}") as is_ours:
        if not is_ours:
            raise RefundUnderWay(discrepancy=discrepancy.public_id)
        charge = _claim(discrepancy, reason, by)
        if charge is not None:
            with _let_go_of_what_was_refused(discrepancy, by):
                _refund_rest(charge, discrepancy, reason=reason, by=by, now=now)
    return Discrepancy.objects.get(pk=discrepancy.pk)


@retry_transaction
def _claim(found: Discrepancy, reason: str, by: str) -> ExternalTransaction | None:
    """The charge, which nobody explains from now on; None where all is done."""
    assert found.transaction is not None
    charge_id = found.transaction.sale_id or found.transaction.pk
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
def _let_go_of_what_was_refused(discrepancy: Discrepancy, by: str) -> Iterator[None]:
    """A definite no leaves the money to be explained, or refunded another time."""
    try:
        yield
    except RequestRefused as refusal:
        _let_go(discrepancy, by, refusal=refusal.message)
        raise
    except (CredentialsRefused, ProcessorNotReached, VisitNotRefunded):
        _let_go(discrepancy, by)
        raise


@retry_transaction
def _let_go(discrepancy: Discrepancy, by: str, *, refusal: str = "") -> None:
    Discrepancy.objects.open().filter(pk=discrepancy.pk).update(fix="")
    if refusal:
        subject = discrepancy.public_id
        record_audit(subject=subject, action=_REFUSED, by=by, reason=refusal)


def _refund_rest(
    charge: ExternalTransaction, discrepancy: Discrepancy, *, reason: str, by: str, now: datetime
) -> None:
    account = get_adapter(charge.connection.get_access(), Refunds)
    listed = _list_refunds(account, charge)
    for statement in listed:
        note_refund(connection=charge.connection, statement=statement, by=by, now=now)
    left = charge.get_left() - _sum_pending(listed, charge.currency)
    if left.amount_minor <= 0:
        return
    request = RefundRequest(
        reference=discrepancy.public_id,
        payment_external_id=charge.group_id,
        amount=left,
        reason=reason,
        idempotency_key=_get_key(discrepancy, listed),
    )
    statement = account.refund(request)
    note_refund(connection=charge.connection, statement=statement, by=by, now=now)
    check_refunded(statement)


def _list_refunds(account: Refunds, charge: ExternalTransaction) -> Sequence[RefundStatement]:
    """Where the list is too long to be read, the processor itself refunds no more than is left."""
    return look_for(partial(account.list_refunds, charge.group_id), since=charge.occurred_at) or ()


def _sum_pending(listed: Sequence[RefundStatement], currency: str) -> Money:
    """What the processor is giving back, and has not moved yet."""
    waiting = [one for one in listed if one.state == RefundState.PENDING and not one.movements]
    return total([one.amount for one in waiting], currency)


def _get_key(discrepancy: Discrepancy, listed: Sequence[RefundStatement]) -> str:
    """Another one after each definite no: under the same key a processor would only repeat it."""
    name = discrepancy.public_id
    dead = sum(one.our_reference == name and one.state in DEAD for one in listed)
    refused = AuditEntry.objects.filter(subject=name, action=_REFUSED).count()
    return f"{name}-{dead + refused}" if dead + refused else name
