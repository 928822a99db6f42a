"""Refunds at once, and cut at every write: real threads, real commits, real calls."""

import os
import signal
import subprocess
import sys

import pytest
from django.conf import settings as project
from django.db import OperationalError, connection, transaction
from django.utils import timezone

from payments.models import ExternalTransaction, Payment, Refund
from payments.operations.refund_requests import CannotBeRefunded, RefundTooLarge, request_refund
from payments.operations.unknown_refunds import mark_lost_refunds, settle_unknown_refunds
from payments.states import RefundState, TransactionKind
from tests import factories
from tests.payments.books import at_once, usd
from tests.payments.refunding import BY, cut_before_write, later, list_refunded, take
from tests.processors.raw_server import RawServer, is_silent
from tests.waiting import wait_until

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def payment(platform):
    return take(factories.create_barber())


def refund(payment: Payment, minor: int | None = None) -> Refund:
    amount = None if minor is None else usd(minor)
    now = timezone.now()
    return request_refund(payment=payment, amount=amount, reason="", by=BY, now=now).refund


def sweep() -> None:
    lease = project.CHARGE_LEASE_SECONDS
    mark_lost_refunds(now=later(seconds=lease + 1))
    settle_unknown_refunds(now=later(seconds=lease + 10))


def test_of_two_refunds_of_the_whole_one_is_made(payment, platform, simulator):
    outcomes = at_once([lambda: refund(payment) for _ in range(4)])

    made = [outcome for outcome in outcomes if isinstance(outcome, Refund)]
    assert len(made) == 1
    assert all(isinstance(each, CannotBeRefunded) for each in outcomes if each not in made)
    assert list_refunded(simulator, platform.account_id) == [75_00]


def test_parts_at_once_never_exceed_the_payment(payment, platform, simulator):
    outcomes = at_once([lambda: refund(payment, 20_00) for _ in range(6)])

    made = [outcome for outcome in outcomes if isinstance(outcome, Refund)]
    assert len(made) == 3
    assert all(isinstance(each, RefundTooLarge) for each in outcomes if each not in made)
    payment.refresh_from_db()
    assert (payment.refunded_minor, payment.reserved_refund_minor) == (60_00, 0)
    assert list_refunded(simulator, platform.account_id) == [20_00] * 3


def test_two_sweepers_ask_about_a_refund_once(payment, platform, simulator):
    simulator.add_fault("error_before", operation="refund")
    refund(payment, 30_00)

    asked = at_once([lambda: settle_unknown_refunds(now=later(seconds=6))] * 2)

    assert sorted(asked) == [0, 1]
    assert list_refunded(simulator, platform.account_id) == [30_00]


def test_a_refund_that_another_sweeper_holds_is_left_to_it(payment, simulator):
    simulator.add_fault("error_before", operation="refund")
    lost = refund(payment, 30_00)

    with transaction.atomic():
        Refund.objects.select_for_update().get(pk=lost.pk)
        asked = at_once([lambda: settle_unknown_refunds(now=later(seconds=6))])

    assert asked == [0]


def test_a_database_that_is_gone_at_any_write_loses_and_doubles_nothing(
    platform, simulator, settings
):
    """Cut before the first write, then before the second, … until none is left to cut."""
    barber = factories.create_barber()
    number, was_cut, sent = 0, True, 0
    while was_cut:
        number += 1
        payment, before = take(barber), sum(list_refunded(simulator, platform.account_id))
        was_cut = is_cut(payment, number)
        sweep()

        payment.refresh_from_db()
        moved = sum(list_refunded(simulator, platform.account_id)) - before
        recorded = ExternalTransaction.objects.filter(
            kind=TransactionKind.REFUND, group_id=payment.legs.get().external_id
        )
        assert moved in {0, 30_00}
        assert (payment.refunded_minor, payment.reserved_refund_minor) == (moved, 0), number
        assert sum(row.amount_minor for row in recorded) == moved
        sent += moved > 0
    assert number > sent > 4  # some cuts came before the call, some after


def is_cut(payment: Payment, number: int) -> bool:
    try:
        with cut_before_write(number):
            refund(payment, 30_00)
    except OperationalError:
        return True
    return False


def test_a_worker_killed_during_the_call_leaves_a_refund_to_ask_about(payment, platform, simulator):
    with RawServer(answer=is_silent()) as silent:
        worker = start_refunding(payment.pk, silent.url)
        wait_until(lambda: silent.requests, worker=worker)
        os.kill(worker.pid, signal.SIGKILL)
        worker.wait(timeout=60)
    payment.refresh_from_db()
    assert (Refund.objects.get().state, payment.reserved_refund_minor) == (
        RefundState.SUBMITTED,
        30_00,
    )

    sweep()

    payment.refresh_from_db()
    assert (payment.refunded_minor, payment.reserved_refund_minor) == (30_00, 0)
    assert list_refunded(simulator, platform.account_id) == [30_00]


def start_refunding(payment_id: int, stripe_url: str) -> subprocess.Popen[bytes]:
    """Another process that refunds on this test's database."""
    name = connection.settings_dict["NAME"]
    code = f"""
import django; django.setup()
from django.utils import timezone
from bookedbarber.foundation.money import Money
from payments.models import Payment
from payments.operations.refund_requests import request_refund
request_refund(payment=Payment.objects.get(pk={payment_id}), amount=Money(3000, "USD"), reason="",
    by="usr_test", now=timezone.now())
"""
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "bookedbarber.settings",
        "DATABASE_URL": project.DATABASE_URL.rpartition("/")[0] + f"/{name}",
        "STRIPE_API_BASE": stripe_url,
    }
    return subprocess.Popen([sys.executable, "-c", code], env=environment, cwd=project.ROOT)
