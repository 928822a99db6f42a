"""Refunding what is left of a charge, at its processor, because a discrepancy says so.

The discrepancy is the intent: its id is the reference of the refund and its idempotency key.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import partial

from bookedbarber.foundation.audit import record_audit
from bookedbarber.foundation.errors import Conflict
from bookedbarber.foundation.models import AuditEntry
from bookedbarber.foundation.money import Money, total
from processors.contract import RefundRequest, Refunds, RefundState, RefundStatement
from processors.errors import RequestRefused
from processors.registry import get_adapter

from ...models import Discrepancy, ExternalTransaction
from ...states import CLOSED_REFUND_STATES
from ..questioning import look_for
from ..refund_news import note_refund
from ..syncing.locks import session_lock

_REFUSED = "discrepancy.refund_refused"


class RefundUnderWay(Conflict):
    """Somebody is giving it back at this moment."""


class NotRefunded(Conflict):
    """The refund failed; nothing moved."""


@contextmanager
def only_refund_of(charge_id: int) -> Iterator[None]:
    """Hold the charge over the block, calls to its processor included.

    :raises RefundUnderWay: somebody else holds it.
    """
    with session_lock(f"refund:{charge_id}") as is_ours:
        if not is_ours:
            raise RefundUnderWay
        yield


def refund_rest(
    *, charge: ExternalTransaction, discrepancy: Discrepancy, reason: str, by: str, now: datetime
) -> None:
    """Give back what is left of a charge that is held by `only_refund_of`. No transaction is open.

    What the processor lists is noted first, so what was refunded in its dashboard, or by an
    earlier call whose answer was lost, is not refunded again. Repeated after an unknown outcome it
    is the same refund, after a definite no another one. Nothing to be done where all is given
    back, or pending.

    :raises NotRefunded: the refund failed; nothing moved.
    :raises RequestRefused, CredentialsRefused, ProcessorNotReached: nothing moved.
    :raises AnswerLost: money may have moved; repeat it.
    """
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
    statement = _send(account, request, by)
    note_refund(connection=charge.connection, statement=statement, by=by, now=now)
    if _is_dead(statement):
        raise NotRefunded(statement.failure_message or None, refund=statement.external_id)


def _list_refunds(account: Refunds, charge: ExternalTransaction) -> Sequence[RefundStatement]:
    """Where the list is too long to be read, the processor itself refunds no more than is left."""
    return look_for(partial(account.list_refunds, charge.group_id), since=charge.occurred_at) or ()


def _sum_pending(listed: Sequence[RefundStatement], currency: str) -> Money:
    """What the processor is giving back, and has not moved yet."""
    waiting = [one for one in listed if one.state == RefundState.PENDING and not one.movements]
    return total([one.amount for one in waiting], currency)


def _send(account: Refunds, request: RefundRequest, by: str) -> RefundStatement:
    try:
        return account.refund(request)
    except RequestRefused as refusal:
        record_audit(subject=request.reference, action=_REFUSED, by=by, reason=refusal.message)
        raise


def _get_key(discrepancy: Discrepancy, listed: Sequence[RefundStatement]) -> str:
    """Another one after each definite no: under the same key a processor would only repeat it."""
    name = discrepancy.public_id
    dead = sum(one.our_reference == name and _is_dead(one) for one in listed)
    refused = AuditEntry.objects.filter(subject=name, action=_REFUSED).count()
    return f"{name}-{dead + refused}" if dead + refused else name


def _is_dead(statement: RefundStatement) -> bool:
    """Whether the money is the account's again."""
    return statement.state.value in CLOSED_REFUND_STATES
