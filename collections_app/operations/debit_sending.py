"""Calls about one attempt; every end of a call is evidence, none an exception.

No transaction is open here. Only the first sending can be refused for good: on a repetition a
refusal says nothing about the first, unless the bank's own word is kept under the key.
"""

from datetime import datetime

from django.conf import settings

from payments.operations.questioning import CLOCK_TOLERANCE
from processors.contract import DebitRequest, Debits, DebitState, DebitStatement, MethodKind
from processors.errors import (
    AnswerLost,
    CredentialsRefused,
    MethodGone,
    ProcessorNotReached,
    RequestRefused,
)
from processors.models import Connection
from processors.registry import get_adapter
from processors.transport import time_limit

from ..models import CollectionAttempt, Mandate
from ..states import FailureClass
from .evidence import Evidence, fail, know_nothing, to_evidence


class NotToBeSent(RuntimeError):
    """An attempt without an account and a mandate is settled where it is made."""


def send_attempt(*, attempt: CollectionAttempt) -> Evidence:
    """Debit for the first time."""
    account, request = _get_account(attempt), build_request(attempt)
    try:
        statement = account.debit(request)
    except AnswerLost as error:
        return know_nothing(error.message, is_unanswered=True)
    except MethodGone as error:
        return fail(FailureClass.MANDATE_GONE, code=_get_code(error), message=error.message)
    except CredentialsRefused as error:
        return _blame_account("credentials", error.message, is_account_refused=True)
    except RequestRefused as error:
        code = _get_code(error)
        return fail(FailureClass.PROCESSOR_TROUBLE, code=code, message=error.message)
    except ProcessorNotReached as error:
        return _blame_account("not_reached", error.message)
    return _conclude(account, statement, request)


def ask_about_attempt(*, attempt: CollectionAttempt, now: datetime) -> Evidence:
    """Find out what became of it: by its name, by our reference, by repeating it under its key."""
    account, request = _get_account(attempt), build_request(attempt)
    try:
        with time_limit(settings.QUESTION_BUDGET_SECONDS):
            statement = _ask(account, attempt, request, now)
    except (AnswerLost, ProcessorNotReached) as error:
        return know_nothing(error.message, is_unanswered=True)
    except (CredentialsRefused, RequestRefused) as error:
        return know_nothing(error.message)
    if statement is None:
        return know_nothing("The processor does not list it, which proves nothing")
    return _conclude(account, statement, request)


def build_request(attempt: CollectionAttempt) -> DebitRequest:
    """The same request each time: under one key, a processor refuses another.

    :raises NotToBeSent: nothing is debited by this attempt.
    """
    mandate = _get_mandate(attempt)
    return DebitRequest(
        reference=attempt.public_id,
        amount=attempt.amount,
        customer=mandate.customer_id,
        payment_method=mandate.payment_method_id,
        kind=MethodKind(mandate.kind),
        description=f"BookedBarber {attempt.collection.public_id}",
    )


def _ask(
    account: Debits, attempt: CollectionAttempt, request: DebitRequest, now: datetime
) -> DebitStatement | None:
    if attempt.external_id:
        return account.retrieve_debit(attempt.external_id, request)
    found = account.find_debit(request, since=attempt.created_at - CLOCK_TOLERANCE)
    if found is not None or not attempt.is_repeatable(now=now):
        return found
    return account.debit(request)


def _conclude(account: Debits, statement: DebitStatement, request: DebitRequest) -> Evidence:
    """Cancel a debit that waits for somebody who is not there: then nobody can revive it."""
    if statement.state is not DebitState.IDLE:
        return to_evidence(statement)
    try:
        return to_evidence(account.cancel_debit(statement.external_id, request))
    except (AnswerLost, ProcessorNotReached) as error:
        return know_nothing(error.message, is_unanswered=True)
    except (CredentialsRefused, RequestRefused) as error:
        return know_nothing(error.message)


def _blame_account(code: str, message: str, *, is_account_refused: bool = False) -> Evidence:
    return fail(
        FailureClass.PROCESSOR_TROUBLE,
        code=code,
        message=message,
        is_account_refused=is_account_refused,
        is_futile=True,
    )


def _get_account(attempt: CollectionAttempt) -> Debits:
    connection: Connection | None = attempt.connection
    if connection is None:
        raise NotToBeSent(attempt.public_id)
    return get_adapter(connection.get_access(), Debits)


def _get_mandate(attempt: CollectionAttempt) -> Mandate:
    if attempt.mandate is None:
        raise NotToBeSent(attempt.public_id)
    return attempt.mandate


def _get_code(error: RequestRefused) -> str:
    return str(error.details.get("processor_code", ""))
