"""The outbox: who is told what, once, and what becomes of a mail that cannot be delivered."""

import smtplib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.mail.backends.locmem import EmailBackend
from django.db import transaction

from bookedbarber.foundation.models import StateChange
from bookedbarber.notifications.models import OutgoingMail
from bookedbarber.notifications.operations.mail_sending import send_due_mails
from bookedbarber.notifications.operations.mails import (
    Mail,
    MailUnderWay,
    forget_old_mails,
    send_again,
    write_mails,
)
from bookedbarber.notifications.states import MailState
from tests.payments.books import at_once

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
GREETING = """{% extends "notifications/_mail.txt" %}
{% block subject %}To {{ name }},
 in person{% endblock %}
{% block text %}Hello {{ name }}, you owe 5 < 6.{% endblock %}
"""

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _greeting(tmp_path: Path, settings: Any) -> None:
    """A template of the test's own, found before the project's."""
    folder = tmp_path / "notifications"
    folder.mkdir()
    (folder / "greeting.txt").write_text(GREETING)
    engine = settings.TEMPLATES[0]
    settings.TEMPLATES = [{**engine, "DIRS": [tmp_path, *engine["DIRS"]]}]


class Server(EmailBackend):
    """A mail server that goes wrong as the test says."""

    failure: BaseException | None = None
    is_down = False

    def open(self) -> bool:
        if self.is_down:
            raise ConnectionRefusedError("no server there")
        return True

    def send_messages(self, messages: Any) -> int:
        if self.failure is not None:
            raise self.failure
        return super().send_messages(messages)


@pytest.fixture
def server(settings: Any) -> Iterator[type[Server]]:
    settings.EMAIL_BACKEND = f"{__name__}.Server"
    yield Server
    Server.failure, Server.is_down = None, False


def write(*keys: str) -> None:
    mails = [
        Mail(key=key, to="ann@example.test", template="greeting", context={"name": "Ann <&>"})
        for key in keys
    ]
    write_mails(mails, now=NOON)


def get_states() -> list[str]:
    return [row.state for row in OutgoingMail.objects.order_by("key")]


def test_a_mail_says_what_its_template_says(mailoutbox):
    write("noticed:col_1")

    assert send_due_mails(now=NOON) == 1

    (mail,) = mailoutbox
    assert mail.to == ["ann@example.test"]
    assert mail.subject == "To Ann <&>, in person"
    assert mail.body.startswith("Hello Ann <&>, you owe 5 < 6.\n")
    assert mail.extra_headers["Message-ID"].endswith("@127.0.0.1>")
    assert get_states() == [MailState.SENT]


def test_a_fact_is_told_once(mailoutbox, django_assert_num_queries):
    with django_assert_num_queries(1):
        write("a", "b", "a")
    write("b", "c")

    send_due_mails(now=NOON)
    send_due_mails(now=NOON + timedelta(days=1))

    assert len(mailoutbox) == 3


def test_a_server_that_is_down_is_tried_once_and_later(server, mailoutbox):
    server.is_down = True
    write("a", "b")

    assert send_due_mails(now=NOON) == 0

    assert get_states() == [MailState.RETRYING, MailState.PENDING]
    server.is_down = False
    assert send_due_mails(now=NOON + timedelta(minutes=2)) == 2
    assert len(mailoutbox) == 2


def test_a_failing_mail_holds_nobody_up_and_is_given_up_in_the_end(server):
    server.failure = smtplib.SMTPDataError(451, b"come back later")
    write("a", "b")

    for day in (0, 1, 2):
        send_due_mails(now=NOON + timedelta(days=day))
    assert get_states() == [MailState.RETRYING, MailState.RETRYING]
    send_due_mails(now=NOON + timedelta(days=3))

    mail = OutgoingMail.objects.get(key="a")
    assert (mail.state, mail.tries) == (MailState.DEAD, 4)
    assert "come back later" in mail.error
    moves = StateChange.objects.filter(subject=mail.subject).order_by("id")
    assert [move.after for move in moves] == ["retrying", "dead"]


def test_an_address_that_does_not_exist_is_given_up_at_once(server):
    server.failure = smtplib.SMTPRecipientsRefused({"ann@example.test": (550, b"nobody")})
    write("a")

    send_due_mails(now=NOON)

    assert get_states() == [MailState.DEAD]


def test_a_person_sends_it_again_with_the_same_words(server, mailoutbox):
    server.failure = smtplib.SMTPRecipientsRefused({"ann@example.test": (550, b"nobody")})
    write("a")
    mail = OutgoingMail.objects.get()
    with pytest.raises(MailUnderWay):
        send_again(mail=mail, by="usr_1", now=NOON)
    send_due_mails(now=NOON)
    OutgoingMail.objects.update(context={"name": "somebody else"})
    server.failure = None

    send_again(mail=mail, by="usr_1", now=NOON)
    send_due_mails(now=NOON)

    assert [mail.subject for mail in mailoutbox] == ["To Ann <&>, in person"]


def test_a_mail_whose_sender_died_is_sent_when_the_lease_is_over(server, mailoutbox):
    server.failure = KeyboardInterrupt()
    write("a")
    with pytest.raises(KeyboardInterrupt):
        send_due_mails(now=NOON)
    server.failure = None

    assert send_due_mails(now=NOON + timedelta(seconds=60)) == 0
    assert send_due_mails(now=NOON + timedelta(seconds=121)) == 1


def test_old_mails_are_forgotten_but_none_that_waits():
    write("sent")
    send_due_mails(now=NOON)
    write("waits")

    assert forget_old_mails(before=NOON + timedelta(days=400)) == 1

    assert OutgoingMail.objects.get().key == "waits"


@pytest.mark.django_db(transaction=True)
def test_a_mail_that_somebody_holds_is_left_alone(mailoutbox):
    write("a", "b")

    with transaction.atomic():
        OutgoingMail.objects.due(now=NOON).select_for_update().first()
        sent = at_once([lambda: send_due_mails(now=NOON)])

    assert sent == [1]
    assert len(mailoutbox) == 1
