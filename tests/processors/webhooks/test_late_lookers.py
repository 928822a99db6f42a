"""A worker who sees an event due, while another has just put it off to ask about it."""

from functools import partial
from threading import Event, Thread

import pytest
from django.db import transaction

from processors.models import WebhookEvent
from processors.operations.webhook_outcomes import Handled, Question, Reported
from tests.payments.books import at_once
from tests.waiting import is_somebody_waiting, wait_until

from .probes import handle, receive

pytestmark = pytest.mark.django_db(transaction=True)


def test_an_answer_waits_for_a_worker_who_looked_at_its_event_too_late(stripe_door, answering):
    """He finds that it is not due any more, but holds its lock while he handles another."""
    event = receive(stripe_door)
    is_locked = Event()

    def look() -> None:
        with transaction.atomic():
            WebhookEvent.objects.select_for_update().get(pk=event.pk)
            is_locked.set()
            wait_until(is_somebody_waiting)

    looker = Thread(target=partial(at_once, [look]))

    def ask() -> str:
        looker.start()
        assert is_locked.wait(60)
        return "answer"

    def operation(reported: Reported) -> Handled | Question:
        return Question(ask) if reported.answer is None else Handled()

    answering(operation)
    handle()
    looker.join()

    event.refresh_from_db()
    assert event.state == "handled"
