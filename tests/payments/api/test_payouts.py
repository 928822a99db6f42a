"""Payouts over the API: each barber's own, with their lines and why nothing is paid."""

import pytest

from bookedbarber.accounts.roles import Role
from tests import factories
from tests.payments.books import NOON
from tests.payments.payouts import create_destination, refuse, reserve, sell

pytestmark = pytest.mark.django_db

PAYOUTS = "/api/v1/payouts"


@pytest.fixture
def platform():
    return factories.create_platform_connection()


@pytest.fixture
def barber():
    barber = factories.create_barber()
    create_destination(barber)
    return barber


def test_a_barber_lists_his_own_payouts_only(api, platform, barber):
    other = factories.create_barber()
    create_destination(other)
    for payee in (barber, other):
        sell(platform, payee)
    mine, theirs = reserve(barber), reserve(other)

    listed = api(barber.user).get(PAYOUTS).json()["data"]
    hidden = api(barber.user).get(f"{PAYOUTS}/{theirs.public_id}")

    assert [row["payout_id"] for row in listed] == [mine.public_id]
    assert (listed[0]["amount"], listed[0]["status"]) == ("57.52", "submitted")
    assert hidden.status_code == 404


def test_a_payout_shows_what_it_is_for(api, platform, barber):
    movement = sell(platform, barber)
    payout = reserve(barber)

    answer = api(barber.user).get(f"{PAYOUTS}/{payout.public_id}").json()

    lines = {line["kind"]: line["amount"] for line in answer["lines"]}
    assert lines == {"sale": "60.00", "fee": "-2.48"}
    assert {line["payment_id"] for line in answer["lines"]} == {
        payout.lines.first().movement.payment.public_id
    }
    assert not answer["pagination"]["has_more"]
    assert movement.external_id not in str(answer)


def test_a_failed_payout_says_why(api, platform, barber):
    sell(platform, barber)
    refuse(reserve(barber))

    (row,) = api(barber.user).get(PAYOUTS, {"status": "failed"}).json()["data"]

    assert row["failure_message"] == "There is not enough"


def test_what_comes_next_is_said_with_its_reason(api, platform):
    barber = factories.create_barber()
    sell(platform, barber, available_at=NOON)

    (row,) = api(barber.user).get(f"{PAYOUTS}/upcoming").json()["data"]

    assert (row["owed"], row["can_be_paid"], row["reason"]) == ("57.52", "0.00", "no_account")
    assert "connect a Stripe account" in row["explanation"]


def test_an_owner_sees_the_payouts_of_the_own_shops(api, platform):
    shop = factories.create_shop()
    barber = factories.create_barber(shop=shop)
    create_destination(barber)
    sell(platform, barber)
    payout = reserve(barber)
    stranger = factories.create_user(Role.SHOP_OWNER)

    assert api(shop.owner).get(f"{PAYOUTS}/{payout.public_id}").status_code == 200
    assert api(stranger).get(f"{PAYOUTS}/{payout.public_id}").status_code == 404


def test_clients_see_no_payouts(api, platform, barber):
    sell(platform, barber)
    payout = reserve(barber)
    client = factories.create_user(Role.CLIENT)

    assert api(client).get(PAYOUTS).json()["data"] == []
    assert api(client).get(f"{PAYOUTS}/upcoming").json()["data"] == []
    assert api(client).get(f"{PAYOUTS}/{payout.public_id}").status_code == 404


@pytest.mark.parametrize(
    "wanted", [{"status": "lost"}, {"since": "yesterday"}, {"colour": "red"}, {"limit": "0"}]
)
def test_a_list_that_makes_no_sense_is_refused_by_name(api, barber, wanted):
    answer = api(barber.user).get(PAYOUTS, wanted)

    assert answer.status_code == 400
    assert next(iter(wanted)) in str(answer.json()["error"])
