"""The admin's actions: each calls one operation and says how it went."""

import pytest
from django.contrib.auth.models import Group
from django.contrib.messages import get_messages
from django.urls import reverse

from bookedbarber.accounts.roles import AUDITOR, OPERATOR, Role
from bookedbarber.bookings.models import AppointmentStatus, Service
from bookedbarber.console.operations.groups import seed_groups
from bookedbarber.foundation.models import AuditEntry, StateChange
from payments.models import HybridPaymentConfig
from processors.models import WebhookDoor, WebhookEvent
from processors.operations.webhook_doors import add_webhook_secret
from processors.states import ConnectionState
from tests import factories
from tests.console.admin_rows import receive_webhook

CONFIG = {
    "mode": "hybrid",
    "currency": "USD",
    "commission_rate": "17.5",
    "min_external_amount": "50.00",
    "max_platform_amount": "100.00",
    "fallback_enabled": "on",
    "collection_frequency": "weekly",
    "minimum_collection_amount": "25.00",
    "collection_day": "1",
    "buffer_days": "3",
    "maximum_outstanding_amount": "1000.00",
    "reason": "agreed by phone",
}


@pytest.fixture
def operator(db: None):
    seed_groups()
    user = factories.create_user(Role.ADMIN)
    user.groups.add(Group.objects.get(name=OPERATOR))
    return user


@pytest.fixture
def browser(operator, as_person):
    return as_person(operator)


def messages_of(response) -> list[str]:
    return [str(message) for message in get_messages(response.wsgi_request)]


def act(connection, name: str) -> str:
    return reverse(f"admin:processors_connection_{name}", args=[connection.pk])


def test_disconnecting_asks_first_and_needs_a_reason(browser):
    connection = factories.create_connection(factories.create_barber())

    asked = browser.get(act(connection, "disconnect"))
    without = browser.post(act(connection, "disconnect"), {"_form_submitted": "True"})

    connection.refresh_from_db()
    assert "Disconnect this account?" in asked.content.decode()
    assert "This field is required" in without.content.decode()
    assert connection.state == ConnectionState.CONNECTED


def test_disconnecting_is_in_the_history_with_who_and_why(browser, operator):
    connection = factories.create_connection(factories.create_barber())

    response = browser.post(
        act(connection, "disconnect"), {"_form_submitted": "True", "reason": "closed shop"}
    )

    move = StateChange.objects.get(subject=connection.public_id)
    assert messages_of(response) == ["Done: 1."]
    assert (move.after, move.by, move.reason) == (
        ConnectionState.DISCONNECTED,
        operator.public_id,
        "closed shop",
    )


def test_what_is_disconnected_cannot_be_disconnected_again(browser):
    connection = factories.create_connection(
        factories.create_barber(), state=ConnectionState.DISCONNECTED
    )

    response = browser.post(
        act(connection, "disconnect"), {"_form_submitted": "True", "reason": "again"}
    )

    assert messages_of(response) == [f"{connection}: The connection is not connected."]


@pytest.mark.parametrize(
    "name",
    [
        "disconnect",
        "check_now",
        "reset",
        "disable",
        "enable",
        "update_credentials",
        "recreate_webhook",
    ],
)
def test_an_auditor_acts_on_nothing(db, name, as_person):
    seed_groups()
    auditor = factories.create_user(Role.ADMIN)
    auditor.groups.add(Group.objects.get(name=AUDITOR))
    connection = factories.create_connection(factories.create_barber())

    response = as_person(auditor).post(
        act(connection, name), {"_form_submitted": "True", "reason": "mine"}
    )

    connection.refresh_from_db()
    assert response.status_code == 403
    assert connection.state == ConnectionState.CONNECTED


@pytest.mark.django_db(transaction=True)
def test_testing_several_connections_reports_each(connect, simulator, as_person):
    superuser = factories.create_user(Role.ADMIN, is_superuser=True)
    good = connect(factories.create_barber(), name="Good")
    bad = factories.create_connection(factories.create_barber(), name="Bad")

    response = as_person(superuser).post(
        reverse("admin:processors_connection_changelist"),
        {"action": "check_selected", "_selected_action": [good.pk, bad.pk]},
    )

    said = messages_of(response)
    bad.refresh_from_db()
    assert "Done: 1." in said
    assert any(text.startswith("Bad (square): ") for text in said)
    assert bad.state == ConnectionState.EXPIRED


def test_a_connection_is_switched_off_and_on_with_a_reason(browser, operator):
    connection = factories.create_connection(factories.create_barber())
    form = {"_form_submitted": "True", "reason": "odd sales"}

    off = browser.post(act(connection, "disable"), form)
    again = browser.post(act(connection, "disable"), form)
    on = browser.post(act(connection, "enable"), form)

    connection.refresh_from_db()
    assert messages_of(off)[-1] == messages_of(on)[-1] == "Done: 1."
    assert messages_of(again)[-1] == f"{connection}: The connection is switched off already."
    assert connection.disabled_at is None
    acts = AuditEntry.objects.filter(subject=connection.public_id).values_list("action", "by")
    assert list(acts) == [
        ("connection.disabled", operator.public_id),
        ("connection.enabled", operator.public_id),
    ]


@pytest.mark.django_db(transaction=True)
def test_credentials_are_replaced_once_they_have_worked(connect, simulator, as_person):
    superuser = factories.create_user(Role.ADMIN, is_superuser=True)
    connection = connect(factories.create_barber())
    fresh = simulator.renew_secret("square", connection.account_id)
    form = {"_form_submitted": "True", "secret": "sim_wrong_of_admin"}
    person = as_person(superuser)

    asked = person.get(act(connection, "update_credentials")).content.decode()
    wrong = person.post(act(connection, "update_credentials"), form)
    right = person.post(act(connection, "update_credentials"), form | {"secret": fresh.secret})

    connection.refresh_from_db()
    assert "Replace the credentials?" in asked
    assert "does not accept" in messages_of(wrong)[0]
    assert messages_of(right)[-1] == "Done: 1."
    assert connection.get_access().credentials == fresh.credentials


@pytest.mark.django_db(transaction=True)
def test_a_reset_begins_the_count_afresh(connect, as_person):
    superuser = factories.create_user(Role.ADMIN, is_superuser=True)
    connection = connect(factories.create_barber())
    type(connection).objects.update(error_count=4, last_error="no answer")

    response = as_person(superuser).post(act(connection, "reset"), {"_form_submitted": "True"})

    connection.refresh_from_db()
    assert messages_of(response) == ["Done: 1."]
    assert (connection.error_count, connection.last_error) == (0, "")


def test_a_new_version_of_a_config_keeps_its_reason(browser, operator):
    barber = factories.create_barber()
    old = factories.create_config(barber)
    address = f"{reverse('admin:payments_hybridpaymentconfig_add')}?barber={barber.pk}"

    response = browser.post(address, CONFIG)

    new = HybridPaymentConfig.objects.exclude(pk=old.pk).get()
    assert response.status_code == 302
    assert (new.mode, new.min_external_minor, new.set_by) == ("hybrid", 5000, operator.public_id)
    assert new.reason == AuditEntry.objects.get().reason == "agreed by phone"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"reason": ""}, "This field is required"),
        ({"commission_rate": "101"}, "A percentage from 0 to 100"),
        ({"min_external_amount": "200"}, "Must not be more than max_platform_amount"),
        ({"min_external_amount": "50.005"}, "USD has 2 decimal places"),
        ({"max_platform_amount": "-1"}, "Must be more than 0"),
    ],
)
def test_a_config_that_makes_no_sense_is_refused_beside_its_field(browser, changes, said):
    barber = factories.create_barber()
    address = f"{reverse('admin:payments_hybridpaymentconfig_add')}?barber={barber.pk}"

    response = browser.post(address, CONFIG | changes)

    assert said in response.content.decode()
    assert not HybridPaymentConfig.objects.exists()


def test_the_form_begins_with_what_is_in_force(browser):
    barber = factories.create_hybrid_barber()
    address = f"{reverse('admin:payments_hybridpaymentconfig_add')}?barber={barber.pk}"

    page = browser.get(address).content.decode()

    assert 'value="50.00"' in page
    assert 'value="hybrid" selected' in page


def test_a_services_price_is_typed_in_major_units(browser):
    barber = factories.create_barber()
    fields = {"barber": barber.pk, "name": "Shave", "currency": "USD", "is_offered": "on"}

    refused = browser.post(reverse("admin:bookings_service_add"), {**fields, "price": "20.005"})
    browser.post(reverse("admin:bookings_service_add"), {**fields, "price": "20.50"})

    assert "USD has 2 decimal places" in refused.content.decode()
    assert Service.objects.get().price_minor == 2050
    browser.post(
        reverse("admin:bookings_service_change", args=[Service.objects.get().pk]),
        {**fields, "price": "21"},
    )
    assert Service.objects.get().price_minor == 2100
    assert AuditEntry.objects.latest("id").before == {"price_minor": "2050"}


def test_a_booked_appointment_is_moved_and_a_finished_one_is_not(browser):
    booked = factories.create_appointment()
    finished = factories.create_appointment(status=AppointmentStatus.COMPLETED)
    fields = {
        "service_name": "Shave",
        "starts_at_0": "2026-12-01",
        "starts_at_1": "10:00:00",
        "status": "booked",
    }

    answers = [
        browser.post(
            reverse("admin:bookings_appointment_change", args=[row.pk]), fields
        ).status_code
        for row in (booked, finished)
    ]

    booked.refresh_from_db()
    assert answers == [302, 403]
    assert (booked.service_name, f"{booked.starts_at:%Y-%m-%d}") == ("Shave", "2026-12-01")
    assert AuditEntry.objects.get().action == "appointment.changed"


def receive_and_ignore(browser) -> WebhookEvent:
    receive_webhook(factories.create_connection(factories.create_barber()))
    return WebhookEvent.objects.get(state="ignored")


def test_an_event_is_taken_up_again_with_a_reason(browser):
    event = receive_and_ignore(browser)
    address = reverse("admin:processors_webhookevent_replay", args=[event.pk])

    asked = browser.get(address)
    browser.post(address, {"_form_submitted": "True", "reason": "wanted after all"})

    event.refresh_from_db()
    assert "Handle this event again?" in asked.content.decode()
    assert event.state == "received"
    change = StateChange.objects.filter(subject=event.subject).latest("id")
    assert change.reason == "wanted after all"


def test_events_are_chosen_and_taken_up_again(browser):
    event = receive_and_ignore(browser)

    browser.post(
        reverse("admin:processors_webhookevent_changelist"),
        {"action": "replay_selected", "_selected_action": [event.pk]},
    )

    event.refresh_from_db()
    assert event.state == "received"


def test_all_events_that_were_given_up_are_taken_up_again(browser):
    event = receive_and_ignore(browser)
    WebhookEvent.objects.filter(pk=event.pk).update(state="dead")

    browser.post(
        reverse("admin:processors_webhookevent_replay_given_up"),
        {"_form_submitted": "True", "reason": "the account answers again"},
    )

    event.refresh_from_db()
    assert event.state == "received"


def test_old_webhook_secrets_are_retired(browser):
    event = receive_and_ignore(browser)
    add_webhook_secret(
        connection=event.connection, secret="the-new-secret", by="usr_1", now=event.received_at
    )

    address = reverse("admin:processors_webhookdoor_retire_secrets", args=[event.door_id])
    browser.post(address, {"_form_submitted": "True"})

    assert WebhookDoor.objects.get().get_secrets() == ("the-new-secret",)
