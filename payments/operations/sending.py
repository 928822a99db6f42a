"""Calls about one leg to its processor; every end of a call is evidence, none an exception.

No transaction is open here. The first sending of a charge may end in a refusal; on a repetition a
refusal says nothing about the first, so only an answer about the charge itself counts.
"""

from datetime import datetime
from functools import partial

from django.conf import settings

from processors.contract import ChargeRequest, Charges
from processors.errors import (
    AnswerLost,
    CardDeclined,
    CredentialsRefused,
    ProcessorNotReached,
    RequestRefused,
)
from processors.queries.connections import get_connection
from processors.registry import get_adapter
from processors.transport import time_limit

from ..models import PaymentLeg
from ..states import FailureKind, LegOperation, LegState
from .evidence import Evidence, Outcome, fail, know_nothing, to_evidence
from .questioning import look_for


def send(leg: PaymentLeg) -> Evidence:
    """Do what was claimed for the leg: charge or authorize it, capture it, or void it."""
    match leg.operation:
        case LegOperation.CAPTURE:
            return send_capture(leg)
        case LegOperation.VOID:
            return send_cancel(leg)
        case _:
            return send_charge(leg)


def send_charge(leg: PaymentLeg) -> Evidence:
    """Charge or authorize a leg for the first time."""
    try:
        statement = _get_account(leg).charge(_build_request(leg))
    except CardDeclined as error:
        return _decline(error)
    except AnswerLost as error:
        return know_nothing(error.message, is_unanswered=True)
    except CredentialsRefused as error:
        return fail(FailureKind.CREDENTIALS, message=error.message)
    except RequestRefused as error:
        return fail(FailureKind.REFUSED, message=error.message, code=_get_code(error))
    except ProcessorNotReached as error:
        return fail(FailureKind.NOT_REACHED, message=error.message)
    return to_evidence(statement)


def send_capture(leg: PaymentLeg) -> Evidence:
    """Capture what is held. A refusal leaves the hold; one of the credentials gives it up."""
    try:
        with time_limit(settings.QUESTION_BUDGET_SECONDS):
            statement = _get_account(leg).capture_charge(
                leg.external_id, _build_request(leg), idempotency_key=_get_capture_key(leg)
            )
    except (AnswerLost, ProcessorNotReached) as error:
        return know_nothing(error.message, is_unanswered=True)
    except CredentialsRefused as error:
        return fail(FailureKind.CREDENTIALS, message=error.message)
    except RequestRefused as error:
        code = _get_code(error)
        return fail(
            FailureKind.REFUSED, message=error.message, code=code, outcome=Outcome.AUTHORIZED
        )
    return to_evidence(statement)


def send_cancel(leg: PaymentLeg) -> Evidence:
    """Cancel, at the processor, what has not moved money; its answer says where it stands."""
    try:
        with time_limit(settings.QUESTION_BUDGET_SECONDS):
            request = _build_request(leg)
            statement = _get_account(leg).cancel_charge(leg.external_id, request)
    except (AnswerLost, ProcessorNotReached) as error:
        return know_nothing(error.message, is_unanswered=True)
    except CredentialsRefused as error:
        return _give_up_hold(leg, error)
    except (CardDeclined, RequestRefused) as error:
        return know_nothing(error.message)
    return to_evidence(statement)


def ask_about(leg: PaymentLeg, *, now: datetime, since: datetime | None = None) -> Evidence:
    """Find out what became of a leg: by its name, by our reference, by repeating it under its key.

    Not being listed proves nothing; a repetition under the same key is the same charge, as long
    as the processor remembers the key. `since`: from when on to list, where that is earlier than
    the leg, so that one list serves several.
    """
    try:
        with time_limit(settings.QUESTION_BUDGET_SECONDS):
            return _ask(leg, now, min(since or leg.created_at, leg.created_at))
    except CardDeclined as error:
        return _decline(error)
    except (AnswerLost, ProcessorNotReached) as error:
        return know_nothing(error.message, is_unanswered=True)
    except (CredentialsRefused, RequestRefused) as error:
        return know_nothing(error.message)


def _ask(leg: PaymentLeg, now: datetime, since: datetime) -> Evidence:
    account, request = _get_account(leg), _build_request(leg)
    if leg.external_id:
        return to_evidence(account.retrieve_charge(leg.external_id, request))
    found = look_for(partial(account.find_charge, request), since=since)
    if found is not None:
        return to_evidence(found)
    if not request.payment_token or not leg.is_repeatable(now=now):
        return know_nothing("Not found among what the processor lists, which proves nothing")
    return _repeat(account, request)


def _repeat(account: Charges, request: ChargeRequest) -> Evidence:
    """The account has just answered a question, so an answer that is lost now is not its silence:
    it may have stored a failure under this key, and others must not wait for it."""
    try:
        return to_evidence(account.charge(request))
    except AnswerLost as error:
        return know_nothing(error.message)


def _get_account(leg: PaymentLeg) -> Charges:
    return get_adapter(get_connection(leg.connection_id).get_access(), Charges)


def _build_request(leg: PaymentLeg) -> ChargeRequest:
    """The same request each time: under one key, a processor refuses another."""
    return ChargeRequest(
        reference=leg.public_id,
        amount=leg.amount,
        tip=leg.tip,
        payment_token=leg.payment.get_tokens().get(leg.connection_id, ""),
        capture=not leg.is_two_step,
        description=leg.payment.decision_facts["description"],
        metadata={"payment": leg.payment.public_id},
    )


def _get_capture_key(leg: PaymentLeg) -> str:
    """A hold is captured once whatever the key. After each question the key is another one: under
    the same key a processor would only repeat a failure that it has stored."""
    return f"{leg.public_id}-capture-{leg.checks}"


def _give_up_hold(leg: PaymentLeg, error: CredentialsRefused) -> Evidence:
    """Without credentials nothing of ours will capture a hold; it ends by itself. What the payer
    may still complete is another matter."""
    if leg.state == LegState.AUTHORIZED:
        return fail(FailureKind.CREDENTIALS, message=error.message)
    return know_nothing(error.message)


def _decline(error: CardDeclined) -> Evidence:
    return fail(
        FailureKind.DECLINED,
        message=error.message,
        code=error.reason,
        external_id=error.external_id,
    )


def _get_code(error: RequestRefused) -> str:
    return str(error.details.get("processor_code", ""))
