"""Carrying over: a barber who leaves keeps neither a negative payable nor a credit."""

from datetime import datetime, timedelta
from logging import getLogger

from django.conf import settings
from django.db import transaction

from bookedbarber.accounts.models import Barber
from bookedbarber.foundation.errors import Conflict
from payments.models import Accrual, Payout
from payments.operations.dues import accrue_dues
from payments.rules.dues import Due
from payments.states import OPEN_PAYOUT_STATES, AccrualKind

from ..queries.balances import get_balances, list_idle
from ..rules.carry_over import calculate_carry_over
from .reasons import check_reason

log = getLogger("bookedbarber.collections")


class PayoutUnderWay(Conflict):
    """A payout to this barber is under way, so what he is owed is about to change."""

    code = "PAYOUT_UNDER_WAY"


@transaction.atomic
def carry_over_barber(
    *, barber: Barber, currency: str, reason: str, by: str, now: datetime
) -> Accrual | None:
    """Owe what the barber took too much, or pay out his credit: both are the same entry.

    Repeatable: where neither is there it does nothing and returns None.

    :raises ReasonMissing: nobody says why.
    :raises PayoutUnderWay: its outcome comes first.
    """
    check_reason(reason)
    # As payouts do, so that none begins meanwhile.
    Barber.objects.select_for_update(no_key=True, of=["self"]).get(pk=barber.pk)
    environment = settings.ENVIRONMENT
    _check_payouts(environment, barber, currency)
    balances = get_balances(environment=environment, barber_id=barber.pk, currency=currency)
    due = Due(
        environment=environment,
        barber_id=barber.pk,
        kind=AccrualKind.CARRIED_OVER,
        amount=calculate_carry_over(payable=balances.payable, outstanding=balances.outstanding),
        occurred_at=now,
        reason=reason,
    )
    return Accrual.objects.get(pk=accrue_dues([due], by=by, now=now)[0]) if due.amount else None


def carry_over_idle(*, now: datetime, by: str) -> int:
    """Carry over for everybody with whom nothing has happened for long; returns how many."""
    since = now - timedelta(days=settings.CARRY_OVER_IDLE_DAYS)
    reason = f"Nothing new for {settings.CARRY_OVER_IDLE_DAYS} days"
    carried = 0
    for barber_id, currency in list_idle(environment=settings.ENVIRONMENT, since=since):
        try:
            carried += (
                carry_over_barber(
                    barber=Barber(pk=barber_id), currency=currency, reason=reason, by=by, now=now
                )
                is not None
            )
        except PayoutUnderWay:
            log.info("barber %s is carried over after his payout", barber_id)
    return carried


def _check_payouts(environment: str, barber: Barber, currency: str) -> None:
    """
    :raises PayoutUnderWay: one is open.
    """
    open_ones = Payout.objects.filter(
        environment=environment, barber=barber, currency=currency, state__in=OPEN_PAYOUT_STATES
    )
    if open_ones.exists():
        raise PayoutUnderWay()
