"""Barbers whose collections are taken: what they owe, what they have saved, what time passes."""

from datetime import date, datetime, timedelta
from itertools import count

from django.utils import timezone

from bookedbarber.accounts.models import Barber
from bookedbarber.foundation.money import Money
from collections_app.models import CollectionLine, Mandate, MandateSetup, PlatformCollection
from collections_app.operations.disputed_debits import follow_lost_disputes
from collections_app.operations.mandates import confirm_setup, start_setup
from collections_app.operations.unknown_attempts import (
    mark_lost_attempts,
    settle_unknown_attempts,
)
from collections_app.rules.consents import CONSENT_VERSION
from collections_app.states import OPEN_ATTEMPT_STATES, CollectionKind, CollectionState
from payments.models import Accrual
from payments.operations.dues import accrue_dues
from payments.rules.dues import Due
from payments.states import AccrualKind
from tests import factories
from tests.payments.books import BY
from tests.simulation import Simulator
from tests.waiting import wait_until

DAY = timedelta(days=1)
VISA = "pm_card_visa"
DECLINED_LATER = "pm_card_chargeCustomerFail"
BANK = "pm_usBankAccount_success"

_numbers = count(1)


def create_payer(simulator: Simulator, method: str = VISA, **config: object) -> Barber:
    """A barber who has saved this test method."""
    barber = factories.create_barber()
    factories.create_config(barber, **config)
    save_method(simulator, barber, method)
    return barber


def save_method(simulator: Simulator, barber: Barber, method: str) -> Mandate:
    by = barber.user.public_id
    page = start_setup(
        barber=barber,
        accepted_version=CONSENT_VERSION,
        accepted_from="192.0.2.7",
        success_url="https://app.example/saved",
        cancel_url="https://app.example/back",
        by=by,
        now=timezone.now(),
    )
    simulator.act(f"setup/{page.external_id}", method=method)
    setup = MandateSetup.objects.get(external_id=page.external_id)
    mandate = confirm_setup(setup=setup, by=by, now=timezone.now())
    assert mandate is not None
    return mandate


def owe(
    barber: Barber,
    minor: int = 50_00,
    *,
    state: CollectionState = CollectionState.DUE,
    at: datetime | None = None,
) -> PlatformCollection:
    """A collection of one fee, due now."""
    now = at or timezone.now()
    due = Due(
        environment="sandbox",
        barber_id=barber.pk,
        kind=AccrualKind.PLATFORM_FEE,
        amount=Money(minor, "USD"),
        occurred_at=now,
        reference=f"fee-{next(_numbers)}",
        reason="A fee",
    )
    [accrual_id] = accrue_dues([due], by=BY, now=now)
    last_day = date(2026, 1, 1) + next(_numbers) * DAY
    collection = PlatformCollection.objects.create(
        environment="sandbox",
        barber=barber,
        kind=CollectionKind.COMMISSION,
        period_start=last_day - DAY,
        period_end=last_day,
        amount_minor=minor,
        currency="USD",
        line_count=1,
        state=state,
        contest_until=now,
        due_at=now,
        next_attempt_at=now if state == CollectionState.DUE else None,
        built_by=BY,
    )
    CollectionLine.objects.create(
        collection=collection, accrual=Accrual.objects.get(pk=accrual_id), amount_minor=minor
    )
    return collection


def list_debits(simulator: Simulator, account_id: str) -> list[tuple[str, int]]:
    """What moved on the platform's account, in minor units."""
    return [(row["kind"], row["amount_minor"]) for row in simulator.journal(account_id)]


def settle_everything() -> None:
    """Let time pass until no debit is in flight or unknown, as the sweepers do."""
    moments = (timezone.now() + timedelta(minutes=2 * number) for number in count(1))
    wait_until(lambda: _settle_once(next(moments)))


def _settle_once(now: datetime) -> bool:
    mark_lost_attempts(now=now)
    settle_unknown_attempts(now=now)
    follow_lost_disputes(by=BY, now=now)
    collections = PlatformCollection.objects.filter(attempts__state__in=OPEN_ATTEMPT_STATES)
    return not collections.exists()
