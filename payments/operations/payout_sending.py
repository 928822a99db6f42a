"""Calls about one payout; every end of a call is evidence, none an exception.

As with charges: only the first sending can be refused for good. A later refusal says nothing
about the first sending, unless the processor keeps it under the key.
"""

from datetime import datetime

from django.conf import settings

from processors.contract import TransferRequest, Transfers, TransferStatement
from processors.errors import (
    AnswerLost,
    CredentialsRefused,
    InsufficientBalance,
    ProcessorNotReached,
    RequestRefused,
)
from processors.registry import get_adapter
from processors.transport import time_limit

from ..models import Payout
from ..states import FailureKind
from .payout_settlement import PayoutEvidence, PayoutOutcome
from .questioning import CLOCK_TOLERANCE


def send_payout(*, payout: Payout) -> PayoutEvidence:
    """Make the transfer for the first time. No transaction may be open."""
    try:
        statement = _get_account(payout).transfer(_build_request(payout))
    except AnswerLost as error:
        return _unknown(error.message, is_unanswered=True)
    except CredentialsRefused as error:
        return _fail(FailureKind.CREDENTIALS, error.message)
    except RequestRefused as error:
        code = str(error.details.get("processor_code", ""))
        return _fail(FailureKind.REFUSED, error.message, code)
    except ProcessorNotReached as error:
        return _fail(FailureKind.NOT_REACHED, error.message)
    return to_evidence(statement=statement)


def ask_about_payout(*, payout: Payout, now: datetime) -> PayoutEvidence:
    """Find out what became of it: by its name, by our reference, by repeating it under its key."""
    try:
        with time_limit(settings.QUESTION_BUDGET_SECONDS):
            return _ask(payout, now)
    except InsufficientBalance as error:
        return _fail(FailureKind.REFUSED, error.message, "balance_insufficient")
    except (AnswerLost, ProcessorNotReached) as error:
        return _unknown(error.message, is_unanswered=True)
    except (CredentialsRefused, RequestRefused) as error:
        return _unknown(error.message)


def to_evidence(*, statement: TransferStatement) -> PayoutEvidence:
    """A processor's statement as evidence about the payout."""
    return PayoutEvidence(outcome=PayoutOutcome.PAID, statement=statement)


def _ask(payout: Payout, now: datetime) -> PayoutEvidence:
    account, request = _get_account(payout), _build_request(payout)
    if payout.external_id:
        return to_evidence(statement=account.retrieve_transfer(payout.external_id, request))
    found = account.find_transfer(request, since=payout.created_at - CLOCK_TOLERANCE)
    if found is not None:
        return to_evidence(statement=found)
    if not payout.is_repeatable(now=now):
        return _unknown("The processor does not list it, which proves nothing")
    return _repeat(account, request)


def _repeat(account: Transfers, request: TransferRequest) -> PayoutEvidence:
    """The account has just answered a question, so an answer that is lost now is not its silence:
    it may have stored a failure under this key, and others must not wait for it."""
    try:
        return to_evidence(statement=account.transfer(request))
    except AnswerLost as error:
        return _unknown(error.message)


def _get_account(payout: Payout) -> Transfers:
    return get_adapter(payout.connection.get_access(), Transfers)


def _build_request(payout: Payout) -> TransferRequest:
    """The same request each time: under one key, a processor refuses another."""
    return TransferRequest(
        reference=payout.public_id,
        destination=payout.destination.account_id,
        amount=payout.amount,
        description=f"Payout {payout.public_id}",
    )


def _fail(kind: FailureKind, message: str, code: str = "") -> PayoutEvidence:
    return PayoutEvidence(
        outcome=PayoutOutcome.FAILED, failure_kind=kind, code=code or kind.value, message=message
    )


def _unknown(message: str, *, is_unanswered: bool = False) -> PayoutEvidence:
    return PayoutEvidence(
        outcome=PayoutOutcome.UNKNOWN, message=message, is_unanswered=is_unanswered
    )
