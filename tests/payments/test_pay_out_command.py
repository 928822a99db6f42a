"""`manage.py pay_out` and `set_payout_destination`."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from payments.models import Payout
from tests import factories
from tests.payments.paying import shop
from tests.payments.payouts import sell

__all__ = ["shop"]


def run(name: str, *arguments: object) -> str:
    out = StringIO()
    call_command(name, *map(str, arguments), stdout=out)
    return out.getvalue()


@pytest.mark.django_db
def test_a_dry_run_says_what_would_be_paid_and_pays_nothing():
    barber = factories.create_barber(name="Ann")
    sell(factories.create_platform_connection(), barber)

    said = run("pay_out", "--dry-run")

    assert f"barber {barber.pk} Ann: There is no account to pay to" in said
    assert not Payout.objects.exists()


@pytest.mark.django_db
def test_when_nobody_is_owed_anything_it_says_so():
    assert "Nobody is owed anything" in run("pay_out", "--dry-run")
    assert "Payouts made: 0." in run("pay_out")


@pytest.mark.django_db(transaction=True)
def test_one_barber_is_set_up_and_paid(shop):
    shop.simulator.change_account(shop.at_stripe, funds_delay_seconds=0)
    shop.sell()
    said = run("set_payout_destination", shop.barber.pk, shop.account.account_id)
    other = factories.create_barber()

    nothing = run("pay_out", "--barber", other.pk)
    shop.pay_out()
    listed = run("pay_out", "--barber", shop.barber.pk)

    assert "ready" in said
    assert "Payouts made: 0." in nothing
    assert "Payouts made: 0." in listed
    assert Payout.objects.get().state == "paid"


@pytest.mark.django_db(transaction=True)
def test_an_account_that_is_not_connected_is_refused_in_words(shop):
    stranger = shop.simulator.create_account("stripe")

    with pytest.raises(CommandError, match="not connected to this one"):
        run("set_payout_destination", shop.barber.pk, stranger.account_id)
    with pytest.raises(CommandError, match="no such barber"):
        run("set_payout_destination", 10**9, stranger.account_id)
