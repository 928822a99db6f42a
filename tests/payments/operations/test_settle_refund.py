"""One refund: built, sent, settled, and asked about where its outcome is not known."""

import pytest
from django.utils import timezone

from payments.models import Discrepancy, ExternalTransaction, Refund
from payments.operations.refunds import send_refund, settle_refund
from payments.operations.unknown_refunds import mark_lost_refunds, settle_unknown_refunds
from payments.states import DiscrepancyKind, Mode, RefundState, TransactionKind
from tests import factories
from tests.payments.books import usd
from tests.payments.refunding import BY, claim, later, list_refunded, take

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _short_waits(settings) -> None:
    settings.PROCESSOR_RETRY_SECONDS = 0.01


@pytest.fixture
def payment(platform):
    return take(factories.create_barber())


def send_and_settle(refund: Refund) -> Refund:
    return settle_refund(refund=refund, evidence=send_refund(refund), by=BY, now=timezone.now())


def test_a_refund_is_sent_and_settled(payment, platform, simulator):
    refund = send_and_settle(claim(payment, usd(30_00)))

    payment.refresh_from_db()
    assert refund.state == RefundState.SUCCEEDED
    assert (payment.refunded_minor, payment.reserved_refund_minor) == (30_00, 0)
    assert payment.status == "partially_refunded"
    moved = ExternalTransaction.objects.get(kind=TransactionKind.REFUND)
    assert (moved.external_id, moved.amount_minor) == (refund.external_id, 30_00)
    assert list_refunded(simulator, platform.account_id) == [30_00]


def test_settling_again_changes_nothing(payment):
    refund = claim(payment, usd(30_00))
    evidence = send_refund(refund)
    for _ in range(2):
        settle_refund(refund=refund, evidence=evidence, by=BY, now=timezone.now())

    payment.refresh_from_db()
    assert payment.refunded_minor == 30_00
    assert ExternalTransaction.objects.filter(kind=TransactionKind.REFUND).count() == 1


def test_a_refusal_gives_nothing_back(payment):
    send_and_settle(claim(payment, usd(70_00)))

    refused = send_and_settle(claim(payment, usd(30_00)))

    payment.refresh_from_db()
    assert (refused.state, refused.failure_kind) == (RefundState.FAILED, "refused")
    assert (payment.refunded_minor, payment.reserved_refund_minor) == (70_00, 0)


def test_a_lost_answer_keeps_the_amount_reserved_until_it_is_found(payment, platform, simulator):
    simulator.add_fault("reset_after", operation="refund")
    refund = send_and_settle(claim(payment, usd(30_00)))
    payment.refresh_from_db()
    assert (refund.state, payment.reserved_refund_minor) == (RefundState.UNKNOWN, 30_00)

    assert settle_unknown_refunds(now=later(seconds=1)) == 0
    assert settle_unknown_refunds(now=later(seconds=6)) == 1

    payment.refresh_from_db()
    assert (payment.refunded_minor, payment.reserved_refund_minor) == (30_00, 0)
    assert list_refunded(simulator, platform.account_id) == [30_00]


def test_a_refund_that_never_arrived_is_repeated_under_its_key(payment, platform, simulator):
    simulator.add_fault("error_before", operation="refund")
    refund = send_and_settle(claim(payment, usd(30_00)))
    assert refund.state == RefundState.UNKNOWN

    settle_unknown_refunds(now=later(seconds=6))

    refund.refresh_from_db()
    assert refund.state == RefundState.SUCCEEDED
    assert list_refunded(simulator, platform.account_id) == [30_00]


def test_a_refund_nobody_sent_is_lost_when_its_lease_is_over(payment, platform, simulator):
    refund = claim(payment, usd(30_00))
    assert mark_lost_refunds(now=later(seconds=59)) == 0

    assert mark_lost_refunds(now=later(seconds=61)) == 1
    settle_unknown_refunds(now=later(seconds=67))

    refund.refresh_from_db()
    assert refund.state == RefundState.SUCCEEDED
    assert list_refunded(simulator, platform.account_id) == [30_00]


def test_an_unknown_refund_is_not_repeated_once_its_key_is_forgotten(payment, platform, simulator):
    refund = claim(payment, usd(30_00))
    mark_lost_refunds(now=later(seconds=61))

    settle_unknown_refunds(now=later(hours=24))

    refund.refresh_from_db()
    assert refund.state == RefundState.UNKNOWN
    assert list_refunded(simulator, platform.account_id) == []
    assert Discrepancy.objects.get().kind == DiscrepancyKind.REFUND_UNKNOWN


def test_a_refusal_of_a_repetition_says_nothing_of_the_first(payment, simulator):
    refund = claim(payment, usd(30_00))
    mark_lost_refunds(now=later(seconds=61))
    simulator.add_fault("revoked_token", operation="refund")

    settle_unknown_refunds(now=later(seconds=67))

    refund.refresh_from_db()
    assert refund.state == RefundState.UNKNOWN


def test_a_pending_refund_is_asked_about_until_it_is_done(connect, simulator):
    barber = factories.create_barber()
    square = connect(barber, refund_delay_seconds=3600)
    factories.create_config(barber, mode=Mode.DECENTRALIZED)
    payment = take(barber, account="square")
    refund = send_and_settle(claim(payment, usd(30_00)))
    payment.refresh_from_db()
    assert (refund.state, payment.reserved_refund_minor) == (RefundState.PENDING, 30_00)

    simulator.advance(3700)
    settle_unknown_refunds(now=later(seconds=6))

    refund.refresh_from_db()
    payment.refresh_from_db()
    assert (refund.state, payment.refunded_minor) == (RefundState.SUCCEEDED, 30_00)
    assert list_refunded(simulator, square.account_id) == [30_00]


def test_a_silent_processor_does_not_make_a_pending_refund_unknown(connect, simulator):
    barber = factories.create_barber()
    connect(barber, refund_delay_seconds=3600)
    factories.create_config(barber, mode=Mode.DECENTRALIZED)
    refund = send_and_settle(claim(take(barber, account="square"), usd(30_00)))
    simulator.add_fault("error_before", operation="retrieve", times=None)

    settle_unknown_refunds(now=later(seconds=6))

    refund.refresh_from_db()
    assert refund.state == RefundState.PENDING
    assert refund.is_unanswered
    assert refund.next_check_at > later(seconds=6)


def test_what_undoes_a_failed_payment_counts_for_nothing_else(payment, platform, simulator):
    refund = send_and_settle(claim(payment, usd(30_00), is_compensation=True))

    payment.refresh_from_db()
    assert refund.state == RefundState.SUCCEEDED
    assert (payment.refunded_minor, payment.reserved_refund_minor) == (0, 0)
    assert list_refunded(simulator, platform.account_id) == [30_00]


@pytest.mark.parametrize("fault", ["revoked_token", "rate_limited"])
def test_what_undoes_a_failed_payment_is_sent_until_it_arrives(fault, payment, platform, simulator):
    simulator.add_fault(fault, operation="refund", times=None)
    refund = send_and_settle(claim(payment, usd(30_00), is_compensation=True))
    assert refund.state == RefundState.UNKNOWN
    simulator.clear_faults()

    settle_unknown_refunds(now=later(seconds=6))

    refund.refresh_from_db()
    assert refund.state == RefundState.SUCCEEDED


def test_a_failed_payment_that_cannot_be_undone_is_for_a_person(payment):
    send_and_settle(claim(payment, usd(75_00)))

    send_and_settle(claim(payment, usd(30_00), is_compensation=True))

    found = Discrepancy.objects.get(kind=DiscrepancyKind.COMPENSATION_FAILED)
    assert "30.00 USD" in found.explanation
