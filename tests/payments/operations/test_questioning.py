"""Refunds and payouts are asked about as legs are; `test_unknown_outcomes` asks about legs."""

import pytest

from payments.models import Payout, Refund
from payments.operations.payout_unknowns import settle_unknown_payouts
from payments.operations.unknown_refunds import mark_lost_refunds, settle_unknown_refunds
from payments.states import Mode, PayoutState, RefundState
from tests import factories
from tests.payments.books import get_failed_checks, usd
from tests.payments.paying import shop
from tests.payments.refunding import claim, later, list_refunded, take

pytestmark = pytest.mark.django_db(transaction=True)

__all__ = ["shop"]


@pytest.fixture
def square(platform, connect):
    barber = factories.create_barber()
    factories.create_config(barber, mode=Mode.DECENTRALIZED)
    account = connect(barber)
    for _ in range(3):
        claim(take(barber, account="square"), usd(30_00))
    mark_lost_refunds(now=later(seconds=61))
    return account


def list_calls(simulator, account_id: str) -> list[tuple[str, str]]:
    return [(row["method"], row["path"]) for row in simulator.requests(account_id)]


def test_one_reading_of_a_list_serves_all_refunds_of_an_account(square, simulator):
    assert settle_unknown_refunds(now=later(seconds=67)) == 3

    assert list_calls(simulator, square.account_id).count(("GET", "/square/v2/refunds")) == 1
    assert list_refunded(simulator, square.account_id) == [30_00] * 3
    assert get_failed_checks() == set()


def test_a_silent_account_is_asked_about_one_refund_in_a_round(square, simulator, settings):
    settings.PROCESSOR_RETRY_SECONDS = 0.01
    simulator.add_fault("reset_before", account_id=square.account_id, times="always")

    assert settle_unknown_refunds(now=later(seconds=67)) == 1

    assert set(Refund.objects.values_list("state", "is_unanswered")) == {
        (RefundState.UNKNOWN, True)
    }


def test_a_silent_account_is_probed_although_its_payouts_wait_for_hours(shop, settings):
    settings.PROBE_SECONDS = 0.001
    shop.connect()
    shop.sell()
    shop.simulator.add_fault(
        "reset_before", account_id=shop.platform.account_id, path="/v1/transfers", times="always"
    )
    (payout,) = shop.pay_out()
    settle_unknown_payouts(now=shop.now(seconds=10))
    Payout.objects.update(next_check_at=shop.now(hours=5))
    shop.simulator.clear_faults()

    assert settle_unknown_payouts(now=shop.now(minutes=1)) == 1

    payout.refresh_from_db()
    assert payout.state == PayoutState.PAID
    assert shop.list_transfers() == [-57_52]


def test_a_payout_that_its_processor_never_explains_holds_up_no_other(shop):
    """Stripe stores a failure of its own under the key, and repeats it for a day."""
    other = factories.create_barber()
    shop.connect()
    shop.connect(other, shop.simulator.create_account("stripe", platform=shop.platform.account_id))
    shop.sell()
    shop.sell(barber=other)
    shop.spoil_transfer("stored_error")
    shop.spoil_transfer("reset_after")
    shop.pay_out()

    settle_unknown_payouts(now=shop.now(seconds=10))

    states = Payout.objects.order_by("pk").values_list("state", flat=True)
    assert list(states) == [PayoutState.UNKNOWN, PayoutState.PAID]
