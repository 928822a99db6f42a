"""Disputes over the API: those of the own sales, of every processor, with their deadline."""

from datetime import timedelta

import pytest

from bookedbarber.accounts.roles import Role
from tests import factories
from tests.payments.books import NOON, charge, record
from tests.payments.disputes import a_statement, note, took
from tests.payments.payouts import sell

pytestmark = pytest.mark.django_db

DISPUTES = "/api/v1/disputes"


@pytest.fixture
def platform():
    return factories.create_platform_connection()


@pytest.fixture
def barber():
    return factories.create_barber()


def test_a_dispute_says_what_is_asked_until_when_and_what_was_taken(api, platform, barber):
    sale = sell(platform, barber)
    dispute = note(platform, a_statement(sale, movements=(took(sale),)))

    answer = api(barber.user).get(f"{DISPUTES}/{dispute.public_id}").json()

    assert (answer["status"], answer["reason"]) == ("needs_response", "fraudulent")
    assert (answer["amount"], answer["withdrawn_amount"]) == ("75.00", "75.00")
    assert answer["due_by"] == "2026-06-10T12:00:00Z"
    assert answer["payment_id"] == dispute.payment.public_id
    assert answer["processor"] == "stripe"


def test_a_barber_lists_his_own_only(api, platform, barber):
    square = factories.create_connection(barber)
    external = charge()
    record(square, external)
    mine = [
        note(square, a_statement(external)),
        note(platform, a_statement(sell(platform, barber))),
    ]
    theirs = note(platform, a_statement(sell(platform, factories.create_barber())))

    listed = api(barber.user).get(DISPUTES).json()["data"]

    assert {row["dispute_id"] for row in listed} == {dispute.public_id for dispute in mine}
    assert api(barber.user).get(f"{DISPUTES}/{theirs.public_id}").status_code == 404


def test_disputes_are_found_by_state_and_deadline(api, platform, barber):
    soon, late = sell(platform, barber), sell(platform, barber)
    urgent = note(platform, a_statement(soon, due_by=NOON + timedelta(days=1)))
    note(platform, a_statement(late, due_by=NOON + timedelta(days=20)))

    wanted = {"status": "needs_response", "due_before": (NOON + timedelta(days=2)).isoformat()}
    (row,) = api(barber.user).get(DISPUTES, wanted).json()["data"]

    assert row["dispute_id"] == urgent.public_id


def test_a_dispute_that_nobody_can_place_is_for_admins(api, platform):
    dispute = note(platform, a_statement(charge()))
    admin = factories.create_user(Role.ADMIN)

    assert api(admin).get(f"{DISPUTES}/{dispute.public_id}").json()["payment_id"] is None
    assert api(factories.create_barber().user).get(DISPUTES).json()["data"] == []


def test_a_list_costs_a_fixed_number_of_statements(
    api, platform, barber, django_assert_max_num_queries
):
    for _ in range(5):
        sale = sell(platform, barber)
        note(platform, a_statement(sale, movements=(took(sale, name=f"txn_{sale.external_id}"),)))
    client = api(barber.user)

    with django_assert_max_num_queries(2):
        assert len(client.get(DISPUTES).json()["data"]) == 5
