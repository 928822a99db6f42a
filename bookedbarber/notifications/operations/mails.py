"""Mails: written in the transaction of the fact that they tell of, sent afterwards by a worker."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from bookedbarber.foundation.errors import Conflict
from bookedbarber.foundation.jobs import enqueue_on_commit
from bookedbarber.foundation.transitions import move

from ..models import OutgoingMail
from ..states import MailState


class MailUnderWay(Conflict):
    """The mail is still being sent by itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """What somebody is to be told. `key` names the fact; `context` holds texts for the template."""

    key: str
    to: str
    template: str
    context: Mapping[str, str]


def write_mails(mails: Iterable[Mail], *, now: datetime) -> None:
    """Put mails into the outbox, in the caller's transaction; one statement for any number.

    A key that is there already is left alone, so of a fact one mail is sent.
    """
    give_up_at = now + timedelta(seconds=settings.MAIL_GIVE_UP_SECONDS)
    rows = [
        OutgoingMail(
            key=mail.key,
            to=mail.to,
            template=mail.template,
            context=dict(mail.context),
            next_try_at=now,
            give_up_at=give_up_at,
            created_at=now,
        )
        for mail in sorted(mails, key=lambda mail: mail.key)
    ]
    if rows:
        OutgoingMail.objects.bulk_create(rows, ignore_conflicts=True)
        enqueue_on_commit("notifications.send_mails")


@transaction.atomic
def send_again(*, mail: OutgoingMail, by: str, now: datetime) -> None:
    """Put a mail that was sent, or given up, back into the queue, with the same words.

    :raises MailUnderWay: it is still tried by itself.
    """
    row = OutgoingMail.objects.select_for_update().get(pk=mail.pk)
    if row.state not in {MailState.SENT, MailState.DEAD}:
        raise MailUnderWay
    give_up_at = now + timedelta(seconds=settings.MAIL_GIVE_UP_SECONDS)
    fresh = {"next_try_at": now, "give_up_at": give_up_at, "tries": 0, "error": ""}
    move(row, MailState.PENDING, by=by, reason="sent again", **fresh)
    enqueue_on_commit("notifications.send_mails")


def forget_old_mails(*, before: datetime) -> int:
    """Delete mails that were written before and are sent or given up; returns how many."""
    old = OutgoingMail.objects.filter(created_at__lt=before, next_try_at=None)
    deleted, _ = old.delete()
    return deleted
