"""Sending what is in the outbox: claim, commit, send, settle, one mail after the other.

Any number of workers may do so at once. A worker that dies while it sends leaves a lease that
ends, and the mail is sent again under the same Message-ID, by which mail programs show it once.
"""

import hashlib
import random
import smtplib
import time
from datetime import datetime, timedelta
from logging import getLogger
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.db import transaction
from django.template.loader import render_to_string

from bookedbarber.foundation.redaction import redact
from bookedbarber.foundation.transitions import move

from ..models import OutgoingMail
from ..states import MailState

log = getLogger("bookedbarber.mail")

BY = "job:notifications.send_mails"
_LONGEST_ERROR = 2000


def send_due_mails(*, now: datetime) -> int:
    """Send the mails that are due, the longest waiting first. Returns how many were sent.

    One that fails is tried again with growing delays and given up after `MAIL_GIVE_UP_SECONDS`,
    or at once when the address is refused for good. While the mail server cannot be reached, one
    mail is tried in each call.
    """
    deadline = time.monotonic() + settings.SWEEP_SECONDS
    sent = 0
    server = get_connection()
    try:
        while time.monotonic() < deadline:
            mail = _claim_next(now)
            if mail is None or not _open(server, mail, now):
                break
            sent += _send(server, mail, now)
    finally:
        server.close()
    return sent


@transaction.atomic
def _claim_next(now: datetime) -> OutgoingMail | None:
    """The next mail with its words; nobody else takes it before its lease is over."""
    mail = OutgoingMail.objects.due(now=now).select_for_update(skip_locked=True).first()
    if mail is None:
        return None
    mail.next_try_at = now + timedelta(seconds=settings.MAIL_LEASE_SECONDS)
    changes: dict[str, Any] = {"next_try_at": mail.next_try_at}
    if not mail.text:
        mail.subject_line, mail.text = _write(mail)
        changes |= {"subject_line": mail.subject_line, "text": mail.text}
    OutgoingMail.objects.filter(pk=mail.pk).update(**changes)
    return mail


def _write(mail: OutgoingMail) -> tuple[str, str]:
    """The template's first paragraph is the subject, the rest the text."""
    written = render_to_string(f"notifications/{mail.template}.txt", dict(mail.context)).strip()
    subject, _, text = written.partition("\n\n")
    return " ".join(subject.split())[:200], text.strip() + "\n"


def _open(server: Any, mail: OutgoingMail, now: datetime) -> bool:
    try:
        server.open()
    except (OSError, smtplib.SMTPException) as error:
        log.warning("The mail server cannot be reached: %s", error)
        _note_failure(mail, error, now)
        return False
    return True


def _send(server: Any, mail: OutgoingMail, now: datetime) -> bool:
    message = EmailMessage(
        mail.subject_line,
        mail.text,
        to=[mail.to],
        headers={"Message-ID": _get_message_id(mail), "Auto-Submitted": "auto-generated"},
    )
    try:
        server.send_messages([message])
    except (OSError, ValueError, smtplib.SMTPException) as error:
        server.close()  # the next mail gets a fresh session
        _note_failure(mail, error, now)
        return False
    _settle(mail, MailState.SENT, next_try_at=None, sent_at=now, error="")
    return True


def _get_message_id(mail: OutgoingMail) -> str:
    digest = hashlib.sha256(mail.key.encode()).hexdigest()[:32]
    return f"<{digest}@{urlsplit(settings.PUBLIC_URL).hostname}>"


def _note_failure(mail: OutgoingMail, error: Exception, now: datetime) -> None:
    tries = mail.tries + 1
    why = redact(f"{type(error).__name__}: {error}")[:_LONGEST_ERROR]
    changes: dict[str, Any] = {"tries": tries, "error": why}
    if _is_final(error) or now >= mail.give_up_at:
        _settle(mail, MailState.DEAD, reason=why, next_try_at=None, **changes)
    else:
        _settle(
            mail, MailState.RETRYING, reason=why, next_try_at=now + _get_delay(tries), **changes
        )


def _is_final(error: Exception) -> bool:
    """Whether the server will have no mail for that address, now or later."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return all(500 <= code < 600 for code, _ in error.recipients.values())
    return False


def _settle(mail: OutgoingMail, state: str, *, reason: str = "", **changes: Any) -> None:
    """Note what came of it, unless the lease was over and somebody else has it."""
    with transaction.atomic():
        ours = OutgoingMail.objects.filter(pk=mail.pk, next_try_at=mail.next_try_at)
        row = ours.select_for_update().first()
        if row is None:
            return
        if row.state == state:
            ours.update(**changes)
        else:
            move(row, state, by=BY, reason=reason, **changes)


def _get_delay(tries: int) -> timedelta:
    """Spread, so that what failed together does not come back together."""
    schedule: list[float] = settings.MAIL_RETRY_SECONDS
    seconds = schedule[min(tries, len(schedule)) - 1]
    return timedelta(seconds=seconds * random.uniform(0.75, 1.25))
