"""Connecting by OAuth: to the processor's page, back with a code, and a live call at the end."""

from dataclasses import dataclass, field
from datetime import datetime

from django.conf import settings
from django.db import transaction

from bookedbarber.accounts.models import Barber
from bookedbarber.foundation.errors import DomainError, Invalid, Refused
from processors.models import Connection
from processors.operations.accounts import Owner, ProvenAccount, prove_grant
from processors.operations.authorizations import (
    BegunAuthorization,
    begin_authorization,
    redeem_state,
    remove_pending,
    store_authorized,
)
from processors.registry import get_application
from processors.states import ConnectionRole, ConnectionState

from .connection_states import renew_routing

MOST_AT_ONCE = 200
BY = "job:payments.remove_abandoned_authorizations"


class AuthorizationDenied(Refused):
    """The account's owner did not give us access."""


class CodeMissing(Invalid):
    """code: the processor sent no code."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorizationAnswer:
    """With what a person comes back from the processor's page: a code, or why there is none."""

    state: str = field(repr=False)
    code: str = field(default="", repr=False)
    error: str = ""
    explanation: str = ""


def start_authorization(
    *, barber: Barber, processor: str, by: str, now: datetime
) -> BegunAuthorization:
    """Begin to connect a barber's account; it is pending until the person comes back.

    :raises UnknownProcessor: there is no such processor.
    :raises ApplicationNotConfigured: our application there has no id or no secret.
    """
    owner = Owner(id=barber.pk, role=ConnectionRole.BARBER)
    return begin_authorization(owner=owner, processor=processor, by=by, now=now)


def finish_authorization(
    *, processor: str, answer: AuthorizationAnswer, by: str, now: datetime
) -> Connection:
    """Connect the account that its owner has authorized, once, after a live call.

    The same account again is the same connection, with the access just given. Whatever goes wrong
    after the state was used leaves no account behind: the pending connection is removed.

    :raises StateUnknown, StateOfAnother, StateUsed, StateExpired: nothing was asked.
    :raises AuthorizationDenied: the owner said no.
    :raises CodeMissing: there is neither a code nor an error.
    :raises RequestRefused: the code was used, has expired or never was.
    :raises AccountAlreadyConnected: the account is another barber's.
    :raises ApplicationRefused, CredentialsRefused, ProcessorNotReached, AnswerLost: the calls.
    """
    attempt = redeem_state(processor=processor, state=answer.state, by=by, now=now)
    pending = attempt.connection
    try:
        _check_answer(answer)
        application = get_application(processor)
        grant = application.exchange_code(answer.code, redirect_url=attempt.redirect_url)
        return _store(pending, prove_grant(processor=processor, grant=grant), by, now)
    except DomainError as error:
        remove_pending(connection=pending, by=by, reason=error.message)
        raise


def remove_abandoned_authorizations(*, now: datetime) -> int:
    """Remove connections whose person did not come back in time. Returns how many."""
    abandoned = Connection.objects.filter(
        state=ConnectionState.PENDING,
        authorization_attempt__expires_at__lt=now,
        environment=settings.ENVIRONMENT,
    ).order_by("pk")[:MOST_AT_ONCE]
    rows = list(abandoned)
    for row in rows:
        remove_pending(connection=row, by=BY, reason="nobody came back in time")
    return len(rows)


def _check_answer(answer: AuthorizationAnswer) -> None:
    if answer.error:
        raise AuthorizationDenied(reason=answer.error, explanation=answer.explanation)
    if not answer.code:
        raise CodeMissing(field="code")


@transaction.atomic
def _store(pending: Connection, proven: ProvenAccount, by: str, now: datetime) -> Connection:
    connection = store_authorized(pending=pending, proven=proven, by=by, now=now)
    renew_routing(connection=connection)
    return connection
