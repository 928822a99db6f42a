"""Telling barbers of their collections by mail, and operators of barbers who owe too much.

Each writes to the outbox in the caller's transaction; its key names the fact, so that a repeated
call tells nobody twice.
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta

from django.conf import settings

from bookedbarber.accounts.models import Barber, User
from bookedbarber.accounts.roles import OPERATOR
from bookedbarber.foundation.money import Money
from bookedbarber.notifications.operations.mails import Mail, write_mails

from ..models import CollectionAttempt, CollectionLine, PlatformCollection
from ..states import CollectionState, ContestDecision

RESULTS = {
    CollectionState.COLLECTED: "collection_collected",
    CollectionState.FAILED: "collection_failed",
    CollectionState.DISPUTED: "collection_disputed",
    CollectionState.WAIVED: "collection_waived",
    CollectionState.CANCELED: "collection_canceled",
}


def announce_collections(*, collection_ids: Sequence[int], now: datetime) -> None:
    """Tell the barbers what will be taken, when, and until when they can contest it.

    Two statements, however many collections.
    """
    rows = PlatformCollection.objects.filter(pk__in=collection_ids)
    write_mails(
        (
            _tell(row, "collection_announced", "announced", **_describe_terms(row))
            for row in rows.select_related("barber__user")
        ),
        now=now,
    )


def tell_result(
    *, collection: PlatformCollection, now: datetime, attempt: CollectionAttempt | None = None
) -> None:
    """Tell the barber what became of a collection, as it stands now; nothing while it is open.

    `attempt`: the one that led to it. A debit that is returned later, or tried again, is another
    fact and so another mail.
    """
    template = RESULTS.get(CollectionState(collection.state))
    if template is None:
        return
    row = PlatformCollection.objects.select_related("barber__user").get(pk=collection.pk)
    by = attempt.public_id if attempt else "no attempt"
    mail = _tell(
        row,
        template,
        f"{row.state}:{by}",
        why=row.failure_message,
        method=attempt.get_method_display().lower() if attempt else "",
    )
    write_mails([mail], now=now)


def tell_of_decision(
    *,
    collection: PlatformCollection,
    lines: Sequence[CollectionLine],
    decision: ContestDecision,
    reason: str,
    now: datetime,
) -> None:
    """Tell the barber how a contest of these lines ended, once for each decision."""
    contested = Money(sum(line.amount_minor for line in lines), collection.currency)
    first = min(line.pk for line in lines)
    mail = _tell(
        collection,
        f"contest_{decision}",
        f"contest:{first}:{decision}",
        contested=str(contested),
        why=reason,
    )
    write_mails([mail], now=now)


def tell_of_outstanding(
    *, barber: Barber, outstanding: Money, maximum: Money, day: date, now: datetime
) -> None:
    """Tell the barber and every operator that more than the maximum is owed; once for each day."""
    key = f"outstanding:{settings.ENVIRONMENT}:{barber.pk}:{outstanding.currency}:{day}"
    context = {
        "name": barber.name,
        "outstanding": str(outstanding),
        "maximum": str(maximum),
        "link": f"{settings.PUBLIC_URL}/collections/",
    }
    mails = [Mail(key=key, to=barber.user.email, template="outstanding", context=context)]
    context = {
        **context,
        "link": f"{settings.PUBLIC_URL}/admin/accounts/barber/{barber.pk}/change/",
    }
    mails += [
        Mail(key=f"{key}:{person.pk}", to=person.email, template="outstanding_of", context=context)
        for person in _list_operators()
    ]
    write_mails(mails, now=now)


def _list_operators() -> Iterable[User]:
    return User.objects.filter(is_active=True, is_staff=True, groups__name=OPERATOR)


def _tell(row: PlatformCollection, template: str, fact: str, **more: str) -> Mail:
    last_day = row.period_end - timedelta(days=1)
    return Mail(
        key=f"collection:{row.public_id}:{fact}",
        to=row.barber.user.email,
        template=template,
        context={
            "name": row.barber.name,
            "amount": str(row.amount),
            "what": row.get_kind_display().lower(),
            "period": f"{_write_day(row.period_start)} to {_write_day(last_day)}",
            "lines": str(row.line_count),
            "link": f"{settings.PUBLIC_URL}/collections/{row.public_id}",
            **more,
        },
    )


def _describe_terms(row: PlatformCollection) -> dict[str, str]:
    return {
        "contest_until": _write_moment(row.contest_until, row.barber),
        "due_at": _write_moment(row.due_at, row.barber),
    }


def _write_day(day: date) -> str:
    return f"{day.day} {day:%B %Y}"


def _write_moment(moment: datetime, barber: Barber) -> str:
    local = moment.astimezone(barber.zone)
    return f"{_write_day(local.date())}, {local:%H:%M} ({barber.time_zone})"
