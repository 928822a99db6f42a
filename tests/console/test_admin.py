"""The admin as a superuser sees it: every model listed, opened, and facts left alone."""

import pytest
from django.apps import apps
from django.contrib import admin
from django.test import Client
from django.urls import reverse

from bookedbarber.accounts.models import Barber, User
from bookedbarber.foundation.admin_base import ReadOnlyAdmin
from bookedbarber.foundation.models import AuditEntry
from payments.models import ExternalTransaction, LedgerAccount, Payment
from processors.models import Connection
from tests.console.admin_rows import (
    CHARGE_ID,
    CLIENT_SECRET,
    SECRET,
    create_everything,
    list_models,
)

OURS = {
    "accounts",
    "bookings",
    "collections_app",
    "console",
    "foundation",
    "notifications",
    "processors",
    "payments",
}


@pytest.fixture
def payment(db: None) -> Payment:
    return create_everything()


@pytest.fixture
def browser(superuser: User, as_person) -> Client:
    return as_person(superuser)


def address(model, page: str, *args: object) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)


def is_fact(model) -> bool:
    return isinstance(admin.site._registry[model], ReadOnlyAdmin)


def read(client: Client, path: str) -> str:
    response = client.get(path)
    assert response.status_code == 200, path
    return response.content.decode()


def test_every_model_is_in_the_admin():
    models = {model for model in apps.get_models() if model._meta.app_label in OURS}

    assert models - set(list_models()) == set()


def test_the_index_opens(browser):
    assert "Ledger entries" in read(browser, reverse("admin:index"))


def test_every_list_and_a_row_of_each_open_without_a_secret(browser, payment):
    empty = [model for model in list_models() if model._default_manager.first() is None]
    assert empty == [], "no row to show"

    for model in list_models():
        row = model._default_manager.first()
        read(browser, address(model, "changelist"))
        page = read(browser, address(model, "change", row.pk))

        assert SECRET not in page, model
        assert CLIENT_SECRET not in page, model


def test_a_fact_cannot_be_edited_or_deleted(browser, payment):
    facts = [model for model in list_models() if is_fact(model)]
    before = {model: model._default_manager.count() for model in facts}

    answers = {
        (model, page): browser.post(
            address(model, page, model._default_manager.first().pk),
            {"post": "yes", "reason": "changed"},
        ).status_code
        for model in facts
        for page in ("change", "delete")
    }

    assert {what: status for what, status in answers.items() if status != 403} == {}
    assert {model: model._default_manager.count() for model in facts} == before


def test_no_list_counts_its_rows(browser, payment, django_assert_max_num_queries):
    for model in list_models():
        with django_assert_max_num_queries(12) as captured:
            read(browser, address(model, "changelist"))

        if model._meta.label != "auth.Group":
            assert not [query["sql"] for query in captured if "COUNT(" in query["sql"]], model


@pytest.mark.parametrize(
    "term",
    ["public_id", "leg", "external_id", "appointment"],
)
def test_a_payment_is_found_by_any_id(term, browser, payment):
    failed = Payment.objects.exclude(pk=payment.pk).get()
    wanted, other = (failed, payment) if term == "appointment" else (payment, failed)
    terms = {
        "public_id": payment.public_id,
        "leg": payment.legs.get().public_id,
        "external_id": CHARGE_ID,
        "appointment": str(failed.appointment_id),
    }

    page = read(browser, f"{address(Payment, 'changelist')}?q={terms[term]}")

    assert wanted.public_id in page
    assert other.public_id not in page


def test_a_movement_is_found_by_the_processors_id(browser, payment):
    listed = address(ExternalTransaction, "changelist")

    assert "1 shown" in read(browser, f"{listed}?q={CHARGE_ID}")
    assert "1 shown" in read(browser, f"{listed}?q={payment.public_id}")
    assert "Nothing found" in read(browser, f"{listed}?q=ch_other")


def test_payments_are_filtered(browser, payment):
    shown = {
        "state__exact=completed": "1 shown",
        "currency=USD": "2 shown",
        "currency=CAD": "Nothing found",
        "processor=square": "2 shown",
        "processor=stripe": "Nothing found",
        "environment__exact=production": "Nothing found",
    }

    pages = {query: read(browser, f"{address(Payment, 'changelist')}?{query}") for query in shown}

    assert [query for query, page in pages.items() if shown[query] not in page] == []


def test_older_payments_are_on_the_next_page(browser, payment, monkeypatch):
    monkeypatch.setattr(admin.site._registry[Payment], "list_per_page", 1)
    listed = address(Payment, "changelist")
    failed = Payment.objects.exclude(pk=payment.pk).get()

    first = read(browser, listed)
    second = read(browser, f"{listed}?before={payment.pk}")

    assert f"before={payment.pk}" in first
    assert failed.public_id not in first
    assert failed.public_id in second
    assert "Older" not in second


def test_a_payments_page_tells_its_story(browser, payment):
    page = read(browser, address(Payment, "change", payment.pk))

    assert "75.00 USD" in page
    assert "takes payments on an own account" in page  # the explanation in words
    assert CHARGE_ID in page
    assert "2.05 USD" in page  # the processing fee
    assert "+15.00 USD" in page  # the barber owes the commission
    assert "processing → completed" in page


def test_the_failure_of_a_payment_is_shown(browser, payment):
    failed = Payment.objects.exclude(pk=payment.pk).get()

    page = read(browser, address(Payment, "change", failed.pk))

    assert "Your card has insufficient funds. (insufficient_funds)" in page


def test_an_account_shows_its_balance(browser, payment):
    owed = LedgerAccount.objects.get(code="receivable")

    assert "15.00 USD" in read(browser, address(LedgerAccount, "change", owed.pk))


def test_the_platforms_connection_has_no_barber_and_is_listed(browser, payment):
    platform = Connection.objects.of_platform().get()

    assert platform.public_id in read(browser, address(Connection, "changelist"))
    assert "the platform" in read(browser, address(Connection, "change", platform.pk))


def test_a_barber_who_changes_the_shop_leaves_a_trace(browser, payment):
    barber = Barber.objects.get(pk=payment.barber_id)
    shop, version = barber.shop, barber.routing_version

    browser.post(
        address(Barber, "change", barber.pk),
        {"name": barber.name, "shop": "", "time_zone": "Europe/London"},
    )

    barber.refresh_from_db()
    entry = AuditEntry.objects.filter(subject=f"barber:{barber.pk}").latest("id")
    assert (barber.shop, barber.time_zone) == (None, "Europe/London")
    assert entry.before == {"shop": str(shop), "time_zone": "UTC"}
    assert entry.after == {"shop": "None", "time_zone": "Europe/London"}
    assert barber.routing_version == version


def test_the_login_of_the_admin_is_the_sites(client):
    response = client.get(reverse("admin:login"))

    assert response.status_code == 302
    assert response.url.startswith(reverse("account_login"))


def test_a_hash_of_a_password_is_not_shown(browser, payment):
    user = payment.barber.user

    page = read(browser, address(User, "change", user.pk))

    assert user.password not in page
    assert user.password.split("$")[2] not in page
