"""Calls about one leg to its processor; every end of a call is evidence, none an exception.

No transaction is open here. The first sending of a charge may end in a refusal; on a repetition a
refusal says nothing about the first, so only an answer about the charge itself counts.
"""

from datetime import datetime, timedelta

from django.conf import settings

from processors.contract import ChargeRequest, Charges, ChargeState, ChargeStatement
from processors.errors import (
    AnswerLost,
    CardDeclined,
    CredentialsRefused,
    ProcessorNotReached,
    RequestRefused,
)
from processors.models import Connection
from processors.registry import get_adapter
from processors.transport import time_limit

from ..models import PaymentLeg
from ..rules.questions import may_repeat
from ..states import FailureKind
from .settlement import Evidence, Outcome

# Our clock and the processor's may differ by this much when a list is asked for.
CLOCK_TOLERANCE = timedelta(minutes=5)

_OUTCOMES = {
    ChargeState.CAPTURED: Outcome.CAPTURED,
    ChargeState.REQUIRES_ACTION: Outcome.REQUIRES_ACTION,
    ChargeState.FAILED: Outcome.FAILED,
    ChargeState.CANCELED: Outcome.VOIDED,
    ChargeState.PENDING: Outcome.UNKNOWN,
}


def send_charge(leg: PaymentLeg) -> Evidence:
    """Charge a leg for the first time."""
    try:
        statement = _get_account(leg).charge(_build_request(leg))
    except CardDeclined as error:
        return _fail(FailureKind.DECLINED, error.message, error.reason, error.external_id)
    except AnswerLost as error:
        return Evidence(outcome=Outcome.UNKNOWN, message=error.message, is_unanswered=True)
    except CredentialsRefused as error:
        return _fail(FailureKind.CREDENTIALS, error.message)
    except RequestRefused as error:
        code = str(error.details.get("processor_code", ""))
        return _fail(FailureKind.REFUSED, error.message, code)
    except ProcessorNotReached as error:
        return _fail(FailureKind.NOT_REACHED, error.message)
    return to_evidence(statement)


def ask_about(leg: PaymentLeg, *, now: datetime) -> Evidence:
    """Find out what became of a leg: by its name, by our reference, by repeating it under its key.

    Not being listed proves nothing; a repetition under the same key is the same charge, as long
    as the processor remembers the key.
    """
    try:
        with time_limit(settings.QUESTION_BUDGET_SECONDS):
            statement = _ask(leg, now)
    except CardDeclined as error:
        return _fail(FailureKind.DECLINED, error.message, error.reason, error.external_id)
    except (AnswerLost, ProcessorNotReached) as error:
        return Evidence(outcome=Outcome.UNKNOWN, message=error.message, is_unanswered=True)
    except (CredentialsRefused, RequestRefused) as error:
        return Evidence(outcome=Outcome.UNKNOWN, message=error.message)
    if statement is None:
        return Evidence(
            outcome=Outcome.UNKNOWN, message="The processor does not list it, which proves nothing"
        )
    return to_evidence(statement)


def send_cancel(leg: PaymentLeg) -> Evidence:
    """Cancel, at the processor, what has not moved money; its answer says where it stands."""
    try:
        with time_limit(settings.QUESTION_BUDGET_SECONDS):
            request = _build_request(leg)
            statement = _get_account(leg).cancel_charge(leg.external_id, request)
    except (AnswerLost, ProcessorNotReached) as error:
        return Evidence(outcome=Outcome.UNKNOWN, message=error.message, is_unanswered=True)
    except (CardDeclined, CredentialsRefused, RequestRefused) as error:
        return Evidence(outcome=Outcome.UNKNOWN, message=error.message)
    return to_evidence(statement)


def to_evidence(statement: ChargeStatement) -> Evidence:
    """A processor's statement as evidence about the leg."""
    outcome = _OUTCOMES[statement.state]
    if outcome == Outcome.FAILED:
        return _fail(
            FailureKind.DECLINED,
            statement.failure_message or "The card was declined",
            statement.failure_code,
            statement.external_id,
        )
    return Evidence(
        outcome=outcome,
        external_id=statement.external_id,
        movement=statement.movement,
        next_action=statement.next_action,
    )


def _ask(leg: PaymentLeg, now: datetime) -> ChargeStatement | None:
    account, request = _get_account(leg), _build_request(leg)
    if leg.external_id:
        return account.retrieve_charge(leg.external_id, request)
    found = account.find_charge(request, since=leg.created_at - CLOCK_TOLERANCE)
    window = settings.REPEAT_WINDOW_SECONDS[leg.connection.processor]
    if found is not None or not request.payment_token:
        return found
    if not may_repeat(first_sent_at=leg.created_at, window_seconds=window, now=now):
        return None
    return account.charge(request)


def _get_account(leg: PaymentLeg) -> Charges:
    connection = Connection.objects.get(pk=leg.connection_id)
    return get_adapter(connection.get_access(), Charges)


def _build_request(leg: PaymentLeg) -> ChargeRequest:
    """The same request each time: under one key, a processor refuses another."""
    return ChargeRequest(
        reference=leg.public_id,
        amount=leg.amount,
        tip=leg.tip,
        payment_token=leg.payment.get_tokens().get(leg.connection_id, ""),
        description=leg.payment.decision_facts["description"],
        metadata={"payment": leg.payment.public_id},
    )


def _fail(kind: FailureKind, message: str, code: str = "", external_id: str = "") -> Evidence:
    return Evidence(
        outcome=Outcome.FAILED,
        failure_kind=kind,
        code=code or kind.value,
        message=message,
        external_id=external_id,
    )
