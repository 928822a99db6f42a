"""Where barbers are paid out to, and whether those accounts can receive."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from decimal import Decimal

from django.conf import settings
from django.db import transaction

from bookedbarber.accounts.models import Barber
from bookedbarber.foundation.audit import record_audit
from bookedbarber.foundation.errors import Conflict, OutcomeUnknown, Refused, Unavailable
from bookedbarber.foundation.transitions import move
from processors.contract import PayoutAccounts, PayoutAccountStatement
from processors.errors import RequestRefused
from processors.models import Connection
from processors.operations.accounts import AccountAlreadyConnected
from processors.registry import get_adapter
from processors.states import ConnectionRole, ConnectionState

from ..models import PayoutDestination
from ..queries.payables import list_payables
from ..states import PayoutObstacle

GONE = "The processor no longer lets the platform pay to this account; connect it again."
# What another word of the account may change.
_OF_ACCOUNT = {
    None,
    PayoutObstacle.NO_ACCOUNT,
    PayoutObstacle.ACCOUNT_CANNOT_RECEIVE,
    PayoutObstacle.PAYOUTS_DISABLED,
}


class PlatformNotConnected(Conflict):
    """The platform has no connected account at this processor to pay from."""


def set_payout_destination(
    *, barber: Barber, account_id: str, by: str, now: datetime, processor: str = "stripe"
) -> PayoutDestination:
    """Pay a barber out to this account from now on; it must be connected to the platform's.

    The account's own word is asked first. An account that cannot receive yet is stored with what
    it lacks. Payouts under way go where they were sent.

    :raises PlatformNotConnected: there is nothing to pay from.
    :raises AccountAlreadyConnected: the account is somebody else's here.
    :raises RequestRefused, CredentialsRefused: it is not connected to the platform's account.
    :raises ProcessorNotReached, AnswerLost: it could not be asked.
    """
    platform = _get_platform(processor)
    account = get_adapter(platform.get_access(), PayoutAccounts)
    statement = account.describe_payout_account(account_id)
    return _store(barber, processor, statement, by, now)


def renew_destinations(*, by: str, now: datetime, barber_ids: Sequence[int] | None = None) -> None:
    """Ask the accounts of those to whom something is owed; one that gives no answer keeps its word.

    A barber without a destination who has connected a Stripe account of his own gets that one,
    if it is connected to the platform's.
    """
    payables = list_payables(now=now, barber_ids=barber_ids)
    concerned = {row.barber_id for row in payables if row.decision.obstacle in _OF_ACCOUNT}
    known = PayoutDestination.objects.filter(
        barber_id__in=concerned, environment=settings.ENVIRONMENT
    ).select_related("connection")
    old = now - timedelta(seconds=settings.PAYOUT_ACCOUNT_SECONDS)
    for destination in known:
        concerned.discard(destination.barber_id)
        if destination.checked_at < old:
            with suppress(Refused, OutcomeUnknown, Unavailable, Conflict):
                check_destination(destination=destination, by=by, now=now)
    for connection in _list_own_accounts(concerned):
        with suppress(Refused, OutcomeUnknown, Unavailable, Conflict):
            set_payout_destination(
                barber=connection.owner, account_id=connection.account_id, by=by, now=now
            )


def check_destination(
    *, destination: PayoutDestination, by: str, now: datetime
) -> PayoutDestination:
    """Ask the account what it can do now, and keep the answer.

    :raises PlatformNotConnected: there is nothing to ask by.
    :raises CredentialsRefused, ProcessorNotReached, AnswerLost: it could not be asked.
    """
    connection = destination.connection
    platform = _get_platform(connection.processor)
    account = get_adapter(platform.get_access(), PayoutAccounts)
    try:
        statement = account.describe_payout_account(connection.account_id)
    except RequestRefused:
        statement = PayoutAccountStatement(
            account_id=connection.account_id,
            name=connection.name,
            can_receive=False,
            pays_to_bank=False,
            obstacle=GONE,
        )
    note_payout_account(statement=statement, processor=connection.processor, by=by, now=now)
    destination.refresh_from_db()
    return destination


@transaction.atomic
def note_payout_account(
    *, statement: PayoutAccountStatement, processor: str, by: str, now: datetime
) -> int:
    """Keep what an account says of itself, from a question or an event. Returns for how many.

    An account that nobody is paid to changes nothing.
    """
    rows = PayoutDestination.objects.select_for_update(of=["self"]).filter(
        connection__processor=processor,
        connection__account_id=statement.account_id,
        environment=settings.ENVIRONMENT,
    )
    for row in rows:
        _keep(row, statement, by, now)
    return len(rows)


def _get_platform(processor: str) -> Connection:
    """
    :raises PlatformNotConnected: there is none.
    """
    platform = (
        Connection.objects.of_platform()
        .in_environment(settings.ENVIRONMENT)
        .filter(processor=processor, role=ConnectionRole.PLATFORM, state=ConnectionState.CONNECTED)
        .first()
    )
    if platform is None:
        raise PlatformNotConnected(processor=processor)
    return platform


def _list_own_accounts(barber_ids: set[int]) -> list[Connection]:
    return list(
        Connection.objects.in_environment(settings.ENVIRONMENT)
        .filter(
            owner_id__in=barber_ids,
            processor="stripe",
            role=ConnectionRole.BARBER,
            state=ConnectionState.CONNECTED,
        )
        .select_related("owner")
        .order_by("owner_id", "-connected_at")
        .distinct("owner_id")
    )


@transaction.atomic
def _store(
    barber: Barber, processor: str, statement: PayoutAccountStatement, by: str, now: datetime
) -> PayoutDestination:
    Barber.objects.select_for_update(no_key=True, of=["self"]).get(pk=barber.pk)
    connection = _find_or_create_connection(barber, processor, statement, by, now)
    before = PayoutDestination.objects.filter(
        barber=barber, environment=settings.ENVIRONMENT
    ).first()
    row = before or PayoutDestination(barber=barber, environment=settings.ENVIRONMENT)
    was = {"account_id": before.connection.account_id} if before else None
    row.connection = connection
    row.can_receive, row.pays_to_bank = statement.can_receive, statement.pays_to_bank
    row.obstacle, row.checked_at = statement.obstacle, now
    row.save()
    record_audit(
        subject=f"barber:{barber.pk}",
        action="payout_destination.set",
        by=by,
        before=was,
        after={"account_id": statement.account_id},
    )
    return row


def _find_or_create_connection(
    barber: Barber, processor: str, statement: PayoutAccountStatement, by: str, now: datetime
) -> Connection:
    """The barber's own row where he has connected the account to take payments, too."""
    known = (
        Connection.objects.select_for_update(of=["self"])
        .filter(
            processor=processor,
            environment=settings.ENVIRONMENT,
            account_id=statement.account_id,
        )
        .first()
    )
    if known is not None and known.owner_id != barber.pk:
        raise AccountAlreadyConnected(account_id=statement.account_id)
    if known is None:
        return _create_connection(barber, processor, statement, now)
    if known.role == ConnectionRole.PAYOUT_DESTINATION and known.state != ConnectionState.CONNECTED:
        move(known, ConnectionState.CONNECTED, by=by, reason="paid out to again")
    return known


def _create_connection(
    barber: Barber, processor: str, statement: PayoutAccountStatement, now: datetime
) -> Connection:
    """It is reached through the platform's credentials and has none of its own."""
    connection = Connection(
        owner_id=barber.pk,
        role=ConnectionRole.PAYOUT_DESTINATION,
        processor=processor,
        environment=settings.ENVIRONMENT,
        account_id=statement.account_id,
        name=statement.name[:100],
        state=ConnectionState.CONNECTED,
        connected_at=now,
        first_connected_at=now,
        currencies=list(statement.currencies),
        abilities=[],
        fee_percent=Decimal(0),
        fee_fixed_minor=0,
    )
    connection.seal_credentials({})
    connection.save(force_insert=True)
    return connection


def _keep(
    row: PayoutDestination, statement: PayoutAccountStatement, by: str, now: datetime
) -> None:
    names = ("can_receive", "pays_to_bank", "obstacle")
    before = {name: getattr(row, name) for name in names}
    after = {name: getattr(statement, name) for name in names}
    for name, value in after.items():
        setattr(row, name, value)
    row.checked_at = now
    row.save(update_fields=[*names, "checked_at"])
    if before != after:
        record_audit(
            subject=f"barber:{row.barber_id}",
            action="payout_destination.changed",
            by=by,
            before=before,
            after=after,
        )
