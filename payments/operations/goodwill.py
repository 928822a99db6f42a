"""Giving a barber something that he has no claim to: it is added to his next payout."""

from datetime import datetime

from django.conf import settings
from django.db import transaction

from bookedbarber.accounts.models import Barber
from bookedbarber.foundation.audit import record_audit
from bookedbarber.foundation.errors import Invalid
from bookedbarber.foundation.models import AuditEntry
from bookedbarber.foundation.money import Money

from ..rules.postings import Decision, post_goodwill
from ..states import PostingSource
from .ledger import post

ACTION = "goodwill.granted"


class GoodwillNotValid(Invalid):
    """A goodwill payment needs an amount above zero, a reference and a reason."""


@transaction.atomic
def grant_goodwill(
    *, barber: Barber, amount: Money, reference: str, reason: str, by: str, now: datetime
) -> AuditEntry:
    """Owe the barber an amount that the platform gives up. The same reference grants it once.

    :raises GoodwillNotValid: nothing is given, or nobody says why.
    """
    if amount.amount_minor <= 0 or not reference.strip() or not reason.strip():
        raise GoodwillNotValid()
    Barber.objects.select_for_update(no_key=True, of=["self"]).get(pk=barber.pk)
    subject, said = f"barber:{barber.pk}", {"reference": reference, **_to_plain(amount)}
    earlier = AuditEntry.objects.filter(subject=subject, action=ACTION, after=said).first()
    if earlier is not None:
        return earlier
    entry = record_audit(subject=subject, action=ACTION, by=by, after=said, reason=reason)
    decision = Decision(
        source_type=PostingSource.AUDIT_ENTRY,
        source_id=entry.pk,
        environment=settings.ENVIRONMENT,
        barber_id=barber.pk,
        amount=amount,
        occurred_at=now,
    )
    post([post_goodwill(decision)], by=by, now=now)
    return entry


def _to_plain(amount: Money) -> dict[str, object]:
    return {"amount_minor": amount.amount_minor, "currency": amount.currency}
