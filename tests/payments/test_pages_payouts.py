"""The pages of payouts and disputes: who sees what, in words."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from bookedbarber.accounts.roles import Role
from payments.states import BankState
from processors.contract import DisputeState
from tests import factories
from tests.payments.books import NOON, charge, record
from tests.payments.disputes import a_statement, note, took
from tests.payments.payouts import create_destination, refuse, reserve, sell

pytestmark = pytest.mark.django_db

PAYOUTS, DISPUTES = reverse("payout_list"), reverse("dispute_list")


@pytest.fixture
def visit():
    """A browser's client of a person, logged in: visit(user).get(…)."""

    def log_in(user) -> Client:
        client = Client()
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        return client

    return log_in


@pytest.fixture
def platform():
    return factories.create_platform_connection()


@pytest.fixture
def barber():
    barber = factories.create_barber(shop=factories.create_shop())
    create_destination(barber)
    return barber


def read(client: Client, path: str) -> str:
    response = client.get(path)
    assert response.status_code == 200, response.status_code
    return response.content.decode()


@pytest.mark.parametrize("path", [PAYOUTS, DISPUTES])
@pytest.mark.parametrize(
    ("role", "status"),
    [
        (Role.BARBER, 200),
        (Role.SHOP_OWNER, 200),
        (Role.ENTERPRISE_OWNER, 200),
        (Role.ADMIN, 200),
        (Role.CLIENT, 403),
    ],
)
def test_each_role_opens_its_pages(path, role, status, visit):
    assert visit(factories.create_user(role)).get(path).status_code == status


def test_a_barber_reads_what_comes_and_why_not(visit, platform):
    barber = factories.create_barber()
    sell(platform, barber)

    page = read(visit(barber.user), PAYOUTS)

    assert "57.52 USD" in page
    assert "connect a Stripe account for payouts" in page


def test_a_payout_opens_to_its_sales(visit, platform, barber):
    sell(platform, barber)
    payout = reserve(barber)

    page = read(visit(barber.user), reverse("payout_detail", args=[payout.public_id]))

    assert "Sale, less commission" in page
    assert "60.00 USD" in page
    assert "-2.48 USD" in page
    assert payout.lines.first().movement.payment.public_id in page


def test_a_failed_payout_says_why(visit, platform, barber):
    sell(platform, barber)
    refuse(reserve(barber))

    assert "There is not enough" in read(visit(barber.user), PAYOUTS)


def test_what_the_bank_did_is_said_in_words(visit, platform, barber):
    sell(platform, barber)
    payout = reserve(barber)
    payout.paid_at, payout.bank_state = NOON, BankState.RETURNED
    payout.save()

    page = read(visit(barber.user), reverse("payout_detail", args=[payout.public_id]))

    assert "Your bank has sent it back" in page


def test_nobody_opens_another_barbers_payout(visit, platform, barber):
    sell(platform, barber)
    payout = reserve(barber)
    stranger = factories.create_barber()
    path = reverse("payout_detail", args=[payout.public_id])

    assert visit(stranger.user).get(path).status_code == 404
    assert visit(barber.shop.owner).get(path).status_code == 200


def test_disputes_of_both_processors_are_one_list(visit, platform, barber):
    square = factories.create_connection(barber, name="My Square")
    external, central = charge(), sell(platform, barber)
    record(square, external)
    note(square, a_statement(external, reason="not_received"))
    note(platform, a_statement(central, state=DisputeState.LOST, movements=(took(central),)))
    note(platform, a_statement(sell(platform, factories.create_barber()), reason="duplicate"))

    page = read(visit(barber.user), DISPUTES)
    undecided = read(visit(barber.user), f"{DISPUTES}?open=1")

    assert "not received" in page
    assert "Needs an answer" in page
    assert "Lost" in page
    assert "duplicate" not in page
    assert "Lost" not in undecided


def test_a_deadline_that_is_over_is_marked(visit, platform, barber):
    sale = sell(platform, barber)
    note(platform, a_statement(sale, due_by=NOON - timedelta(days=30)))

    assert "over</span>" in read(visit(barber.user), DISPUTES)


def test_older_payouts_are_on_the_next_page(visit, platform, barber, monkeypatch):
    monkeypatch.setattr("payments.views.payouts.PER_PAGE", 1)
    sell(platform, barber)
    first = refuse(reserve(barber))
    second = reserve(barber)

    newest = read(visit(barber.user), PAYOUTS)
    older = read(visit(barber.user), f"{PAYOUTS}?before={second.public_id}")

    assert second.public_id in newest
    assert reverse("payout_detail", args=[first.public_id]) not in newest
    assert reverse("payout_detail", args=[first.public_id]) in older
