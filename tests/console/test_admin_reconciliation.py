"""Differences in the admin: both sides, and the fixes as acts."""

import pytest
from django.contrib.auth.models import Group
from django.contrib.messages import get_messages
from django.urls import reverse

from bookedbarber.accounts.roles import AUDITOR, OPERATOR, Role
from bookedbarber.console.operations.groups import seed_groups
from payments.models import Discrepancy, ExternalTransaction
from tests import factories
from tests.payments.books import charge, create_leg, get_failed_checks, record, usd
from tests.payments.reconciliation.accounts import (
    list_open,
    move_on_closed_leg,
    plant,
    reconcile,
    sell_and_sync,
)
from tests.payments.refunding import list_refunded

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _at_once(settings):
    settings.RECONCILIATION_GRACE_SECONDS = 0


@pytest.fixture
def square(connect):
    return connect(factories.create_barber(), "square")


def log_in(as_person, group):
    seed_groups()
    user = factories.create_user(Role.ADMIN)
    user.groups.add(Group.objects.get(name=group))
    return as_person(user)


def act(browser, name, row, **typed):
    address = reverse(f"admin:payments_discrepancy_{name}", args=[row.pk])
    return browser.post(address, {"_form_submitted": "True", **typed})


def messages_of(response):
    return [str(message) for message in get_messages(response.wsgi_request)]


def test_an_operator_sees_both_sides_and_accepts_theirs(square, simulator, as_person):
    [name] = sell_and_sync(simulator, square, 1)
    plant(simulator, square, "amount", name)
    reconcile(square)
    row, browser = Discrepancy.objects.get(), log_in(as_person, OPERATOR)

    page = browser.get(reverse("admin:payments_discrepancy_change", args=[row.pk]))
    assert "At the processor" in page.content.decode()
    assert "17.00 USD" in page.content.decode()

    assert messages_of(act(browser, "accept_theirs", row)) == ["Done: 1."]
    assert list_open() == {}


def test_what_is_missing_is_recorded_and_a_fix_that_does_not_fit_is_said(
    square, simulator, as_person
):
    plant(simulator, square, "added")
    reconcile(square)
    row, browser = Discrepancy.objects.get(), log_in(as_person, OPERATOR)

    [said] = messages_of(act(browser, "refund_one", row))
    assert "Not among its fixes: create, link, ignore" in said

    act(browser, "create", row)
    assert square.transactions.count() == 1


def test_an_auditor_looks_only(square, simulator, as_person):
    plant(simulator, square, "added")
    reconcile(square)

    act(log_in(as_person, AUDITOR), "create", Discrepancy.objects.get())

    assert len(list_open()) == 1


def test_an_operator_links_a_charge_to_the_payment_that_it_is_of(platform, simulator, as_person):
    barber = factories.create_barber()
    leg = create_leg(platform, barber, amount=usd(60_00))
    names = {"processor": "stripe", "account_id": platform.account_id}
    simulator.act("plants", kind="added", amount_minor=60_00, **names)
    reconcile(platform)
    row, browser = Discrepancy.objects.get(kind="missing_here"), log_in(as_person, OPERATOR)

    act(browser, "link", row, reason="same card", leg="leg_unknown")
    assert not ExternalTransaction.objects.exists()
    [said] = messages_of(act(browser, "link", row, reason="same card"))
    assert "say whose sale it was" in said
    assert messages_of(act(browser, "link", row, reason="same card", leg=leg.public_id))[-1:] == [
        "Done: 1."
    ]

    assert ExternalTransaction.objects.get().payment == leg.payment


def test_an_operator_gives_back_money_on_a_closed_leg(platform, simulator, as_person):
    row, browser = move_on_closed_leg(simulator, platform), log_in(as_person, OPERATOR)

    assert messages_of(act(browser, "refund_it", row)) == ["Done: 1."]

    row.refresh_from_db()
    assert (row.state, row.fix) == ("resolved", "refund_it")
    assert len(list_refunded(simulator, platform.account_id)) == 1


def test_an_operator_explains_money_that_nothing_of_ours_explains(platform, as_person):
    record(platform, charge())
    row, barber = ExternalTransaction.objects.get(), factories.create_barber()
    address = reverse("admin:payments_externaltransaction_explain", args=[row.pk])
    typed = {"_form_submitted": "True", "reason": "His reader", "barber": barber.pk}

    log_in(as_person, AUDITOR).post(address, typed)
    assert ExternalTransaction.objects.get().purpose == "unexplained"
    said = messages_of(log_in(as_person, OPERATOR).post(address, typed))

    assert said == ["Done: 1."]
    assert ExternalTransaction.objects.get().barber == barber
    assert Discrepancy.objects.open().count() == 0
    assert get_failed_checks() == set()


def test_a_connection_says_how_much_of_it_is_here(square, simulator, as_person):
    sell_and_sync(simulator, square, 1)
    plant(simulator, square, "added")
    reconcile(square)

    said = "50.0 % of your Square sales are here; this one is not"
    address = reverse("admin:processors_connection_change", args=[square.pk])
    assert said in log_in(as_person, OPERATOR).get(address).content.decode()
    own = as_person(square.owner.user).get(reverse("connection_list"))
    assert said in own.content.decode()
