"""The demo's payouts: there is something to see on their pages."""

import pytest

from bookedbarber.console.operations.demo import payouts, people
from payments.models import Payout
from payments.states import Mode, PayoutState
from tests import factories
from tests.payments.books import get_failed_checks
from tests.payments.paying import Shop

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_barber_of_the_demo_is_paid_out(platform, simulator, settings):
    settings.SIMULATOR_URL = simulator.url
    shop = Shop(platform, simulator, settings.STRIPE_SECRET_KEY)
    factories.create_config(shop.barber, mode=Mode.CENTRALIZED)
    shop.sell(75_00)
    central, square = people.BARBERS[:2]

    assert payouts.pay_out_barber(square, factories.create_barber(), now=shop.now()) == 0
    assert payouts.pay_out_barber(central, shop.barber, now=shop.now()) == 1

    assert Payout.objects.get().state == PayoutState.PAID
    assert get_failed_checks() == set()
