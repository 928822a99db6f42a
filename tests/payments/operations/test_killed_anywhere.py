"""A process killed at any boundary of taking, splitting or voiding a payment.

Boundaries are before and after each commit and each call. Whatever was in flight is found and
settled by the sweepers; each end is the one expected, and the processors moved that and no more.
"""

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from django.utils import timezone

from payments.models import Payment
from payments.operations.voids import void_payment
from payments.states import PaymentState
from tests.killing import die_at
from tests.payments.books import get_failed_checks
from tests.payments.splitting import (
    BY,
    create_split_barber,
    get_square,
    list_moved,
    settle_everything,
    take,
)

pytestmark = pytest.mark.django_db(transaction=True)

MOST_BOUNDARIES = 40


@dataclass(frozen=True)
class Ending:
    """What must have become of it: the payment's state and what each account moved, if anything."""

    state: PaymentState
    platform: tuple[int, ...] = ()
    square: tuple[int, ...] = ()


WHOLE = Ending(PaymentState.COMPLETED, platform=(100_00,))
EXTERNAL = Ending(PaymentState.COMPLETED, square=(100_00,))
SPLIT = Ending(PaymentState.COMPLETED, platform=(60_00,), square=(240_00,))
RELEASED = Ending(PaymentState.FAILED)
GIVEN_BACK = Ending(PaymentState.FAILED, platform=(60_00, -60_00))
VOIDED = Ending(PaymentState.CANCELED)


@pytest.fixture
def world(platform, connect, simulator, settings):
    """Every kill happens to a barber of its own."""
    settings.PROCESSOR_RETRY_SECONDS = 0.01

    def check(prepare: Callable[[object], Callable[[], object]], ending: Ending, least: int):
        seen = 0
        for boundary in range(1, MOST_BOUNDARIES):
            barber = create_split_barber(connect)
            already = simulator.journal(platform.account_id)
            died = die_at(boundary, prepare(barber))
            settle_everything()
            moved = simulator.journal(platform.account_id)[len(already) :]
            found = (
                [row["amount_minor"] for row in moved],
                [minor for _, minor in list_moved(simulator, get_square(barber))],
            )
            payment = Payment.objects.filter(barber=barber).first()
            where = f"killed at boundary {boundary}"
            if payment is None:
                assert died, where
                assert found == ([], []), where
            else:
                expected = list(ending.platform), list(ending.square)
                assert (payment.state, found) == (ending.state, expected), where
            if not died:
                break
            seen = boundary
        assert seen >= least, "fewer boundaries than there are writes and calls"
        assert get_failed_checks() == set()

    return check


def taking(minor: int, **tokens: str):
    return lambda barber: lambda: take(barber, minor, 0, **tokens)


def test_taking_a_whole_payment_on_the_platform(world):
    # Claim, call, settle: each has a before and an after.
    world(taking(100_00, square=""), WHOLE, least=6)


def test_taking_a_whole_payment_on_the_barbers_account(world):
    world(taking(100_00, platform=""), EXTERNAL, least=6)


def test_taking_a_split_payment(world):
    # Four calls, and a commit around each.
    world(taking(300_00), SPLIT, least=18)


def test_splitting_when_the_second_leg_is_declined(world):
    world(taking(300_00, platform="pm_card_chargeDeclined"), RELEASED, least=14)


def test_voiding_a_split_payment_that_waits_for_its_payer(world):
    def prepare(barber):
        payment = take(barber, platform="pm_card_authenticationRequired")
        assert payment.state == PaymentState.REQUIRES_ACTION
        return lambda: void_payment(payment=payment, by=BY, now=timezone.now())

    world(prepare, VOIDED, least=10)


def test_voiding_a_whole_payment_that_waits_for_its_payer(world):
    def prepare(barber):
        payment = take(barber, 60_00, platform="pm_card_authenticationRequired", square="")
        assert payment.state == PaymentState.REQUIRES_ACTION
        return lambda: void_payment(payment=payment, by=BY, now=timezone.now())

    world(prepare, VOIDED, least=6)


def test_giving_the_commission_back_when_the_barbers_leg_cannot_be_captured(world, simulator):
    def prepare(barber):
        square = get_square(barber)
        simulator.add_fault(
            "revoked_token", account_id=square.account_id, operation="capture", times="always"
        )
        return lambda: take(barber)

    world(prepare, GIVEN_BACK, least=20)
