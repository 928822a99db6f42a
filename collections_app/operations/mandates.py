"""Saving a payment method for debits, with the consent it is debited on; and letting go of it."""

from datetime import datetime
from logging import getLogger

from django.conf import settings
from django.db import transaction

from bookedbarber.accounts.models import Barber
from bookedbarber.foundation.errors import Conflict, DomainError, Invalid, Unavailable
from processors.contract import (
    MethodKind,
    SavedMethod,
    SetupPage,
    SetupRequest,
    Setups,
    SetupState,
    SetupStatement,
)
from processors.models import Connection
from processors.registry import get_adapter

from ..models import Mandate, MandateSetup
from ..queries.mandates import find_debiting_account
from ..rules.consents import CONSENT_VERSION, write_consent

log = getLogger("bookedbarber.collections")

BY = "job:collections.confirm_open_setups"
MOST_AT_ONCE = 100


class ConsentNotGiven(Invalid):
    """accepted: agree to the text as it stands now."""

    code = "CONSENT_NOT_GIVEN"


class NobodyDebits(Unavailable):
    """The platform's own account is not connected, so nothing can be saved now."""


class MandateWithdrawn(Conflict):
    """This payment method was let go of before."""


def start_setup(
    *,
    barber: Barber,
    accepted_version: str,
    accepted_from: str,
    success_url: str,
    cancel_url: str,
    by: str,
    now: datetime,
) -> SetupPage:
    """Keep the barber's consent and open the processor's page on which a method is saved.

    `accepted_version` is the consent that was shown, `accepted_from` the network address. Nothing
    can be debited before `confirm_setup`.

    :raises ConsentNotGiven: another text, or none, was agreed to.
    :raises NobodyDebits: the platform's account is not connected.
    :raises RequestRefused, CredentialsRefused, ProcessorNotReached, AnswerLost: no page.
    """
    if accepted_version != CONSENT_VERSION:
        raise ConsentNotGiven(field="accepted")
    account = find_debiting_account(environment=settings.ENVIRONMENT)
    if account is None:
        raise NobodyDebits()
    setup = MandateSetup.objects.create(
        barber=barber,
        environment=account.environment,
        connection=account,
        customer_id=_find_customer(barber, account),
        consent_text=write_consent(notice_days=settings.COLLECTION_NOTICE_DAYS),
        consent_version=CONSENT_VERSION,
        accepted_at=now,
        accepted_by=by,
        accepted_from=accepted_from[:45],
    )
    return _open_page(setup, success_url, cancel_url)


def _find_customer(barber: Barber, account: Connection) -> str:
    """As whom the barber is known at the processor, "" at first."""
    known = MandateSetup.objects.filter(barber=barber, connection=account).exclude(customer_id="")
    return known.order_by("-pk").values_list("customer_id", flat=True).first() or ""


def _open_page(setup: MandateSetup, success_url: str, cancel_url: str) -> SetupPage:
    account = _get_setups(setup.connection)
    if not setup.customer_id:
        person = setup.barber
        setup.customer_id = account.create_customer(
            reference=setup.public_id, name=person.name, email=person.user.email
        )
        setup.save(update_fields=["customer_id"])
    page = account.open_setup(
        SetupRequest(
            reference=setup.public_id,
            customer=setup.customer_id,
            kinds=tuple(MethodKind),
            success_url=success_url,
            cancel_url=cancel_url,
        )
    )
    setup.external_id = page.external_id
    setup.save(update_fields=["external_id"])
    return page


def confirm_setup(*, setup: MandateSetup, by: str, now: datetime) -> Mandate | None:
    """Ask what became of the page; once a method is saved it is the one that is debited.

    Repeatable, also at once. What was saved before is let go of. None: nothing is saved, yet or
    at all.

    :raises RequestRefused, CredentialsRefused, ProcessorNotReached, AnswerLost: not known now.
    """
    if setup.ended_at is not None or not setup.external_id:
        return setup.mandate
    statement = _get_setups(setup.connection).retrieve_setup(
        setup.external_id, customer=setup.customer_id
    )
    mandate, replaced = _keep(setup, statement, by, now)
    for one in replaced:
        _forget(one)
    return mandate


@transaction.atomic
def _keep(
    setup: MandateSetup, statement: SetupStatement, by: str, now: datetime
) -> tuple[Mandate | None, list[Mandate]]:
    Barber.objects.select_for_update(no_key=True, of=["self"]).get(pk=setup.barber_id)
    setup.refresh_from_db()
    if setup.ended_at is not None or statement.state is SetupState.OPEN:
        return setup.mandate, []
    replaced: list[Mandate] = []
    if statement.saved is not None:
        mine = Mandate.objects.live().filter(barber=setup.barber, environment=setup.environment)
        replaced = list(mine)
        mine.update(withdrawn_at=now, withdrawn_by=by)
        setup.mandate = _bear(setup, statement.saved)
    setup.ended_at = now
    setup.save(update_fields=["mandate", "ended_at"])
    return setup.mandate, replaced


def _bear(setup: MandateSetup, saved: SavedMethod) -> Mandate:
    return Mandate.objects.create(
        barber=setup.barber,
        environment=setup.environment,
        connection=setup.connection,
        customer_id=saved.customer,
        payment_method_id=saved.payment_method,
        kind=saved.kind.value,
        brand=saved.brand,
        last4=saved.last4,
        bank_name=saved.bank_name,
        consent_text=setup.consent_text,
        consent_version=setup.consent_version,
        accepted_at=setup.accepted_at,
        accepted_by=setup.accepted_by,
        accepted_from=setup.accepted_from,
    )


def confirm_setups(*, barber: Barber, by: str, now: datetime) -> Mandate | None:
    """Confirm whatever the barber has saved since: for the page he comes back to.

    What cannot be asked now is confirmed by the next sweep. Returns the newest mandate.
    """
    latest: Mandate | None = None
    for setup in MandateSetup.objects.filter(barber=barber, ended_at=None).order_by("pk"):
        latest = _try_to_confirm(setup, by, now) or latest
    return latest


def confirm_open_setups(*, now: datetime) -> int:
    """Confirm what barbers saved without coming back to us. Returns how many were."""
    open_ones = MandateSetup.objects.filter(ended_at=None, environment=settings.ENVIRONMENT)
    rows = list(open_ones.exclude(external_id="").order_by("-pk")[:MOST_AT_ONCE])
    return sum(_try_to_confirm(setup, BY, now) is not None for setup in rows)


def _try_to_confirm(setup: MandateSetup, by: str, now: datetime) -> Mandate | None:
    try:
        return confirm_setup(setup=setup, by=by, now=now)
    except DomainError as error:
        log.warning("%s could not be confirmed: %s", setup.public_id, error.message)
        return None


def withdraw_mandate(*, mandate: Mandate, by: str, now: datetime) -> Mandate:
    """Debit this method no more. What is under way ends as its bank says.

    :raises MandateWithdrawn: it was withdrawn before.
    """
    live = Mandate.objects.live().filter(pk=mandate.pk)
    if not live.update(withdrawn_at=now, withdrawn_by=by):
        raise MandateWithdrawn()
    mandate.refresh_from_db()
    _forget(mandate)
    return mandate


def _forget(mandate: Mandate) -> None:
    """At the processor, too. We debit it no more in any case."""
    try:
        _get_setups(mandate.connection).forget_method(mandate.payment_method_id)
    except DomainError as error:
        log.warning("%s is still saved at the processor: %s", mandate.public_id, error.message)


def _get_setups(connection: Connection) -> Setups:
    return get_adapter(connection.get_access(), Setups)
