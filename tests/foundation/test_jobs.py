import json
import time
from queue import Empty

import pytest
from celery import current_app
from django.conf import settings
from django.db import transaction

from bookedbarber.foundation.jobs import enqueue_on_commit

pytestmark = pytest.mark.django_db(transaction=True)


def read_queue() -> list[tuple[str, object]]:
    """Take every message from the real broker's queue: task name, and its arguments."""
    found = []
    with current_app.connection_for_read() as connection:
        queue = connection.SimpleQueue(current_app.conf.task_default_queue)
        while True:
            try:
                message = queue.get(block=False)
            except Empty:
                break
            found.append((message.headers["task"], json.loads(message.body or "")[1]))
            message.ack()
        queue.close()
    return found


@pytest.fixture(autouse=True)
def _empty_queue() -> None:
    read_queue()


def test_a_job_is_queued_when_the_transaction_is_committed() -> None:
    with transaction.atomic():
        enqueue_on_commit("payments.settle", payment_id="pay_1")
        assert read_queue() == []

    assert read_queue() == [("payments.settle", {"payment_id": "pay_1"})]


def test_nothing_is_queued_for_what_was_rolled_back() -> None:
    with transaction.atomic():
        enqueue_on_commit("payments.settle", payment_id="pay_1")
        transaction.set_rollback(True)

    assert read_queue() == []


def test_a_broker_that_is_down_neither_fails_nor_delays_what_was_committed(
    monkeypatch, caplog, closed_port
) -> None:
    monkeypatch.setattr(current_app.conf, "broker_write_url", f"redis://127.0.0.1:{closed_port}/0")
    monkeypatch.setattr(current_app.conf, "broker_url", f"redis://127.0.0.1:{closed_port}/0")
    started = time.monotonic()

    with transaction.atomic():
        enqueue_on_commit("payments.settle", payment_id="pay_1")

    assert time.monotonic() - started < 60
    assert "payments.settle could not be queued" in caplog.text
    assert settings.CELERY_BROKER_URL not in caplog.text
