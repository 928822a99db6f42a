"""Calls about one refund to its processor; every end of a call is evidence, none an exception.

No transaction is open here. The first sending may end in a refusal; on a repetition a refusal says
nothing about the first, so only an answer about the refund itself counts.
"""

from dataclasses import dataclass
from datetime import datetime
from functools import partial

from django.conf import settings

from processors.contract import Movement, RefundRequest, Refunds, RefundStatement
from processors.errors import (
    AnswerLost,
    CredentialsRefused,
    ProcessorNotReached,
    RequestRefused,
)
from processors.models import Connection
from processors.registry import get_adapter
from processors.transport import time_limit

from ..models import Refund
from ..states import CLOSED_REFUND_STATES, FailureKind, RefundState
from .questioning import look_for


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundEvidence:
    """What is known of a refund's outcome, whoever found out, and what it has moved so far.

    A failed one says who refused and why; an unknown one whether the processor answered at all.
    """

    outcome: RefundState
    external_id: str = ""
    movements: tuple[Movement, ...] = ()
    failure_kind: FailureKind | None = None
    code: str = ""
    message: str = ""
    is_unanswered: bool = False


def send_refund(refund: Refund) -> RefundEvidence:
    """Send a refund for the first time.

    What undoes a failed payment must not end because nobody could be reached, or because a token
    has expired: it stays unknown, and is sent again under its key.
    """
    try:
        statement = _get_account(refund).refund(_build_request(refund))
    except AnswerLost as error:
        return _do_not_know(error.message, is_unanswered=True)
    except RequestRefused as error:
        code = str(error.details.get("processor_code", ""))
        return _fail(FailureKind.REFUSED, error.message, code)
    except CredentialsRefused as error:
        return _give_up(refund, FailureKind.CREDENTIALS, error.message)
    except ProcessorNotReached as error:
        return _give_up(refund, FailureKind.NOT_REACHED, error.message)
    return to_refund_evidence(statement)


def ask_about_refund(
    refund: Refund, *, now: datetime, since: datetime | None = None
) -> RefundEvidence:
    """Find out what became of it: by its name, by our reference, by repeating it under its key.

    Not being listed proves nothing; a repetition under the same key is the same refund, as long
    as the processor remembers the key. `since`: from when on to list, where that is earlier than
    the refund, so that one list serves several.
    """
    try:
        with time_limit(settings.QUESTION_BUDGET_SECONDS):
            return _ask(refund, now, min(since or refund.created_at, refund.created_at))
    except (AnswerLost, ProcessorNotReached) as error:
        return _do_not_know(error.message, is_unanswered=True)
    except (CredentialsRefused, RequestRefused) as error:
        return _do_not_know(error.message)


def to_refund_evidence(statement: RefundStatement) -> RefundEvidence:
    """A processor's statement as evidence about the refund."""
    outcome = RefundState(statement.state.value)
    is_closed = outcome in CLOSED_REFUND_STATES
    return RefundEvidence(
        outcome=outcome,
        external_id=statement.external_id,
        movements=statement.movements,
        failure_kind=FailureKind.REFUSED if is_closed else None,
        code=(statement.failure_code or outcome.value) if is_closed else "",
        message=(statement.failure_message or f"The refund {_END[outcome]}") if is_closed else "",
    )


_END = {RefundState.FAILED: "failed at the processor", RefundState.CANCELED: "was canceled"}


def _ask(refund: Refund, now: datetime, since: datetime) -> RefundEvidence:
    account, request = _get_account(refund), _build_request(refund)
    if refund.external_id:
        return to_refund_evidence(account.retrieve_refund(refund.external_id, request))
    found = look_for(partial(account.find_refund, request), since=since)
    if found is not None:
        return to_refund_evidence(found)
    if not refund.is_repeatable(now=now):
        return _do_not_know("Not found among what the processor lists, which proves nothing")
    return _repeat(account, request)


def _repeat(account: Refunds, request: RefundRequest) -> RefundEvidence:
    """The account has just answered a question, so an answer that is lost now is not its silence:
    it may have stored a failure under this key, and others must not wait for it."""
    try:
        return to_refund_evidence(account.refund(request))
    except AnswerLost as error:
        return _do_not_know(error.message)


def _get_account(refund: Refund) -> Refunds:
    connection = Connection.objects.get(pk=refund.leg.connection_id)
    return get_adapter(connection.get_access(), Refunds)


def _build_request(refund: Refund) -> RefundRequest:
    """The same request each time: under one key, a processor refuses another."""
    return RefundRequest(
        reference="" if refund.is_foreign else refund.public_id,
        payment_external_id=refund.leg.external_id,
        amount=refund.amount,
        reason=refund.reason,
    )


def _give_up(refund: Refund, kind: FailureKind, message: str) -> RefundEvidence:
    return _do_not_know(message) if refund.is_compensation else _fail(kind, message)


def _do_not_know(message: str, *, is_unanswered: bool = False) -> RefundEvidence:
    return RefundEvidence(outcome=RefundState.UNKNOWN, message=message, is_unanswered=is_unanswered)


def _fail(kind: FailureKind, message: str, code: str = "") -> RefundEvidence:
    return RefundEvidence(
        outcome=RefundState.FAILED, failure_kind=kind, code=code or kind.value, message=message
    )
