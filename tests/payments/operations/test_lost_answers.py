"""An answer that is lost or not understood: unknown, never failed, and nothing is retried."""

import os
import signal
import subprocess
import sys
import threading
from datetime import timedelta

import pytest
from django.conf import settings as project
from django.db import OperationalError, connection
from django.utils import timezone

from bookedbarber.foundation.money import Money
from payments.models import ExternalTransaction, LedgerTransaction, Payment, PaymentLeg
from payments.operations.charges import take_payment
from payments.operations.claims import Order
from payments.operations.unknowns import mark_lost_legs
from payments.states import LegState, Mode, PaymentState
from tests import factories
from tests.processors.raw_server import (
    RawServer,
    answers,
    hangs_up_after,
    is_silent,
    resets,
    truncates,
)
from tests.waiting import wait_until

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def broken_stripe(platform, settings):
    with RawServer() as server:
        settings.STRIPE_API_BASE = server.url
        yield server


def take(barber) -> Payment:
    order = Order(
        barber=barber,
        amount=Money(75_00, "USD"),
        tip=Money(0, "USD"),
        payment_methods={"platform": "pm_card_visa"},
    )
    return take_payment(order=order, by="usr_test", now=timezone.now()).payment


@pytest.mark.parametrize(
    "answer",
    [
        answers("<html>bad gateway</html>", 502),
        answers({"error": {"type": "api_error", "message": "boom"}}, 500),
        answers({"id": "pi_other", "object": "payment_intent", "status": "succeeded"}),
        answers("{not json"),
        answers({"error": {"type": "idempotency_error", "message": "used"}}, 400),
        truncates({"id": "pi_1", "object": "payment_intent"}),
        hangs_up_after(),
        resets(),
    ],
    ids=["html 502", "500", "another object", "garbage", "key reused", "cut", "hang up", "reset"],
)
def test_what_is_not_understood_is_unknown(broken_stripe, answer):
    broken_stripe.answer = answer

    payment = take(factories.create_barber())

    leg = payment.legs.get()
    assert (payment.state, leg.state) == (PaymentState.UNKNOWN, LegState.UNKNOWN)
    assert len(broken_stripe.requests) == 1
    assert not LedgerTransaction.objects.exists()


def test_a_silent_processor_is_left_within_the_time_limit(broken_stripe, settings):
    settings.PROCESSOR_TIMEOUT_SECONDS = 1
    broken_stripe.answer = is_silent()

    payment = take(factories.create_barber())

    assert payment.state == PaymentState.UNKNOWN


def test_nothing_else_is_tried_while_the_outcome_is_unknown(
    broken_stripe, connect, simulator, settings
):
    """A healthy second account and fallback change nothing."""
    broken_stripe.answer = answers("{not json")
    barber = factories.create_barber()
    factories.create_config(barber, mode=Mode.HYBRID, max_platform_minor=200_00)

    payment = take(barber)

    assert payment.state == PaymentState.UNKNOWN
    assert PaymentLeg.objects.count() == 1


def test_an_unknown_sale_still_holds_its_appointment(broken_stripe, api):
    broken_stripe.answer = hangs_up_after()
    appointment = factories.create_appointment()
    body = {
        "appointment_id": appointment.pk,
        "amount": "75.00",
        "payment_methods": {"platform": "pm_card_visa"},
    }
    client = api(appointment.barber.user)

    first = client.post("/api/v1/hybrid-payments/process", body)
    second = client.post("/api/v1/hybrid-payments/process", body)

    assert (first.status_code, first.json()["status"]) == (202, "unknown")
    assert second.status_code == 409


def test_the_key_of_an_unknown_sale_answers_its_present_state(broken_stripe, api):
    broken_stripe.answer = hangs_up_after()
    client = api(factories.create_barber().user)
    body = {"amount": "75.00", "payment_methods": {"platform": "pm_card_visa"}}

    first = client.post("/api/v1/payments", body, HTTP_IDEMPOTENCY_KEY="k")
    again = client.post("/api/v1/payments", body, HTTP_IDEMPOTENCY_KEY="k")

    assert (first.status_code, again.status_code) == (202, 202)
    assert again.json()["payment_id"] == first.json()["payment_id"]
    assert len(broken_stripe.requests) == 1


def test_a_worker_killed_during_the_call_leaves_a_leg_to_ask_about(broken_stripe):
    broken_stripe.answer = is_silent()
    barber = factories.create_barber()

    worker = start_taking(barber.pk, broken_stripe.url)
    wait_until(lambda: broken_stripe.requests, worker=worker)
    os.kill(worker.pid, signal.SIGKILL)
    worker.wait(timeout=60)

    leg = PaymentLeg.objects.get()
    assert leg.state == LegState.SUBMITTED
    assert mark_lost_legs(now=timezone.now()) == 0

    over = timezone.now() + timedelta(seconds=project.CHARGE_LEASE_SECONDS + 1)
    assert mark_lost_legs(now=over) == 1
    leg.refresh_from_db()
    assert (leg.state, leg.payment.state) == (LegState.UNKNOWN, PaymentState.UNKNOWN)


def test_a_database_lost_during_the_call_leaves_a_leg_to_ask_about(platform, settings, simulator):
    """The money moved and settling it failed: unknown, never failed, never charged again."""
    barber = factories.create_barber()
    with RawServer() as gate:
        settings.STRIPE_API_BASE = gate.url

        def cut_then_answer(sock, over):
            cut_other_database_sessions()
            answers("{}")(sock, over)

        gate.answer = cut_then_answer
        outcome = run_in_thread(lambda: take(barber))

    assert isinstance(outcome, OperationalError)
    leg = PaymentLeg.objects.get()
    assert leg.state == LegState.SUBMITTED
    assert not ExternalTransaction.objects.exists()


def test_a_late_answer_still_settles_a_leg_marked_lost(platform, settings, simulator):
    barber = factories.create_barber()
    over = timezone.now() + timedelta(seconds=project.CHARGE_LEASE_SECONDS + 1)
    stripe = settings.STRIPE_API_BASE

    def mark_then_forward(sock, stop):
        run_in_thread(lambda: mark_lost_legs(now=over))
        sock.sendall(forward(gate.requests[-1], stripe))

    with RawServer() as gate:
        settings.STRIPE_API_BASE = gate.url
        gate.answer = mark_then_forward

        payment = take(barber)

    assert payment.state == PaymentState.COMPLETED
    assert len(simulator.journal(platform.account_id)) == 1


def start_taking(barber_id: int, stripe_url: str) -> subprocess.Popen[bytes]:
    """Another process that takes a payment on this test's database."""
    name = connection.settings_dict["NAME"]
    code = f"""
import django; django.setup()
from django.utils import timezone
from bookedbarber.accounts.models import Barber
from bookedbarber.foundation.money import Money
from payments.operations.charges import take_payment
from payments.operations.claims import Order
order = Order(barber=Barber.objects.get(pk={barber_id}), amount=Money(7500, "USD"),
    tip=Money(0, "USD"), payment_methods={{"platform": "pm_card_visa"}})
take_payment(order=order, by="usr_test", now=timezone.now())
"""
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "bookedbarber.settings",
        "DATABASE_URL": project.DATABASE_URL.rpartition("/")[0] + f"/{name}",
        "STRIPE_API_BASE": stripe_url,
    }
    return subprocess.Popen([sys.executable, "-c", code], env=environment, cwd=project.ROOT)


def cut_other_database_sessions() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            " AND application_name = 'taking'"
        )
    connection.close()


def run_in_thread(work):
    """What `work` returns or raises, in a thread with a database session of its own."""
    outcome = []

    def run():
        try:
            with connection.cursor() as cursor:
                cursor.execute("SET application_name = 'taking'")
            outcome.append(work())
        except Exception as error:  # noqa: BLE001  the test looks at it
            outcome.append(error)
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    thread.join(timeout=100)
    return outcome[0]


def forward(request, base: str) -> bytes:
    """Send a request on to the simulator; its answer, byte for byte enough."""
    import httpx

    answer = httpx.request(
        request.method,
        base + request.path,
        headers={
            name: value
            for name, value in request.headers.items()
            if name in {"authorization", "content-type", "idempotency-key", "stripe-version"}
        },
        content=request.body,
        trust_env=False,
    )
    head = f"HTTP/1.1 {answer.status_code} X\r\nContent-Type: application/json\r\n"
    return f"{head}Content-Length: {len(answer.content)}\r\n\r\n".encode() + answer.content
