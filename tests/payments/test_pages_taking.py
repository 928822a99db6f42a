"""The page that takes a payment, with the real simulator behind it."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from payments.models import HybridPaymentConfig, Payment, PaymentLeg
from payments.states import LegState, PaymentState
from processors.models import Connection
from tests import factories

pytestmark = pytest.mark.django_db(transaction=True)

NEW = reverse("payment_new")


@pytest.fixture
def barber(platform, connect):
    """From 50.00 on the own Square account may be used, above 100.00 it is."""
    barber = factories.create_hybrid_barber()
    connect(barber, "square", name="My Square")
    barber.refresh_from_db()
    return barber


@pytest.fixture
def browser(barber) -> Client:
    client = Client()
    client.force_login(barber.user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def type_in(client: Client, **typed: str) -> dict[str, str]:
    """The form as it is shown, with what somebody types."""
    page = client.get(NEW, follow=True).content.decode()
    key = re.search(r'name="key" value="([0-9a-f]{32})"', page)
    assert key is not None
    shown = {"key": key[1], "currency": "USD", "card": "approved", "preference": ""}
    return shown | typed


def test_an_approved_card_makes_a_completed_payment(browser, barber):
    response = browser.post(NEW, type_in(browser, amount="75.00", tip="5.00"), follow=True)

    payment = Payment.objects.get()
    page = response.content.decode()
    assert response.redirect_chain == [(reverse("payment_detail", args=[payment.public_id]), 302)]
    assert "Completed: 75.00 USD was taken." in page
    assert (payment.barber, payment.tip_minor, payment.created_by) == (
        barber,
        500,
        barber.user.public_id,
    )


@pytest.mark.parametrize(
    ("card", "said"),
    [
        ("declined", "Declined:"),
        ("insufficient_funds", "insufficient"),
    ],
)
@pytest.mark.parametrize("preference", ["platform", "external"])
def test_a_card_that_is_refused_says_why(browser, card, said, preference):
    typed = type_in(browser, amount="75.00", card=card, preference=preference)

    page = browser.post(NEW, typed, follow=True).content.decode()

    assert "Nothing was charged." in page
    assert said.lower() in page.lower()
    assert Payment.objects.get().state == PaymentState.FAILED


def test_a_card_that_needs_authentication_says_who_must_act(browser):
    typed = type_in(browser, amount="75.00", card="authentication", preference="platform")

    page = browser.post(NEW, typed, follow=True).content.decode()

    assert "asks the payer to confirm" in page
    assert Payment.objects.get().state == PaymentState.REQUIRES_ACTION


def test_a_reload_makes_one_charge(browser, simulator):
    typed = type_in(browser, amount="75.00")

    first = browser.post(NEW, typed)
    second = browser.post(NEW, typed)

    assert first.url == second.url
    assert Payment.objects.count() == PaymentLeg.objects.count() == 1


def test_the_page_keeps_its_key_when_it_is_loaded_again(browser):
    address = browser.get(NEW).url
    pages = [browser.get(address).content.decode() for _ in range(2)]

    assert all(f'value="{address[-32:]}"' in page for page in pages)
    assert browser.get(NEW).url != address


def test_a_second_click_shows_the_payment_that_is_being_taken(browser, barber):
    typed = type_in(browser, amount="75.00")
    browser.post(NEW, typed)
    payment = put_back_under_way()

    response = browser.post(NEW, typed, follow=True)

    assert "This payment is being taken. Do not charge again." in response.content.decode()
    assert Payment.objects.get() == payment


def put_back_under_way() -> Payment:
    """As the first request stands while its call is under way."""
    from bookedbarber.foundation.models import IdempotencyKey

    later = timezone.now() + timedelta(minutes=1)
    IdempotencyKey.objects.update(status=None, answer=None, lease_until=later)
    Payment.objects.update(state=PaymentState.PROCESSING, completed_at=None)
    PaymentLeg.objects.update(state=LegState.SUBMITTED, lease_until=later)
    return Payment.objects.get()


def test_the_same_form_with_another_amount_is_not_taken_unseen(browser):
    typed = type_in(browser, amount="75.00")
    browser.post(NEW, typed)

    response = browser.post(NEW, typed | {"amount": "80.00"})

    page = response.content.decode()
    assert "This form was sent before with other values." in page
    assert typed["key"] not in page
    assert 'value="80.00"' in page
    assert Payment.objects.count() == 1


def test_checking_charges_nothing_and_says_where_and_for_how_much(browser, simulator):
    typed = type_in(browser, amount="120.00", check="1")

    page = browser.post(NEW, typed).content.decode()

    assert "It would go to My Square (square). Nothing was charged." in page
    assert "120.00 USD is above 100.00 USD" in page
    for text in ("3.22 USD", "24.00 USD", "92.78 USD"):
        assert text in page
    assert 'value="120.00"' in page
    assert not Payment.objects.exists()


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"amount": "0"}, "outside the limits of 1.00 to 2000.00 USD"),
        ({"amount": "-5"}, "outside the limits of 1.00 to 2000.00 USD"),
        ({"amount": "75.005"}, "USD has 2 decimal places"),
        ({"amount": "2000.01"}, "outside the limits of 1.00 to 2000.00 USD"),
        ({"amount": "1e9"}, "outside the limits"),
        ({"amount": "1e999999"}, "Amount is out of range"),
        ({"amount": "abc"}, "Enter a number."),
        ({"amount": "NaN"}, "Enter a number."),
        ({"amount": ""}, "An amount is needed for a walk-in."),
        ({"amount": "10", "tip": "10"}, "must be at least 0 and less than the amount, 10.00 USD."),
        ({"amount": "10", "tip": "-1"}, "must be at least 0 and less than the amount, 10.00 USD."),
        ({"amount": "10", "tip": "0.001"}, "USD has 2 decimal places"),
        ({"amount": "10", "currency": "XXX"}, "Select a valid choice. XXX"),
        ({"amount": "10", "card": "stolen"}, "Select a valid choice. stolen"),
        ({"amount": "10", "appointment": "999999"}, "Select a valid choice."),
        ({"amount": "10", "key": "short"}, "Enter a valid value."),
    ],
)
def test_what_is_typed_wrong_is_named_and_kept(browser, typed, said):
    response = browser.post(NEW, type_in(browser, **typed))

    page = response.content.decode()
    assert response.status_code == 200
    assert said in page
    assert f'value="{typed["amount"]}"' in page or not typed["amount"]
    assert not Payment.objects.exists()


def test_an_appointment_is_charged_its_price_and_the_tip(browser, barber):
    appointment = factories.create_appointment(barber, price_minor=40_00)

    browser.post(NEW, type_in(browser, appointment=str(appointment.pk), tip="5"))

    payment = Payment.objects.get()
    assert (payment.appointment, payment.amount_minor, payment.tip_minor) == (
        appointment,
        4500,
        500,
    )


def test_an_appointment_in_another_currency_is_refused(browser, barber):
    appointment = factories.create_appointment(barber, currency="CAD")

    page = browser.post(NEW, type_in(browser, appointment=str(appointment.pk))).content.decode()

    assert "This appointment is priced in CAD." in page
    assert not Payment.objects.exists()


def test_only_own_and_unpaid_appointments_are_offered(browser, barber):
    own = factories.create_appointment(barber, client=factories.create_client(barber, name="Ann"))
    factories.create_appointment(client=factories.create_client(name="Somebody else’s"))

    before = browser.get(NEW, follow=True).content.decode()
    browser.post(NEW, type_in(browser, appointment=str(own.pk)))
    after = browser.get(NEW, follow=True).content.decode()

    assert "Ann" in before
    assert "Somebody else’s" not in before
    assert "Ann" not in after


def test_another_barbers_appointment_is_not_a_choice(browser):
    theirs = factories.create_appointment()

    page = browser.post(NEW, type_in(browser, appointment=str(theirs.pk))).content.decode()

    assert "Select a valid choice." in page
    assert not Payment.objects.exists()


def test_without_any_account_the_page_says_so(browser, barber):
    Connection.objects.update(disabled_at=timezone.now())
    barber.refresh_from_db()
    barber.routing_version += 1
    barber.save(update_fields=["routing_version"])

    page = browser.post(NEW, type_in(browser, amount="75.00")).content.decode()

    assert "No account can take payments now." in page
    assert not Payment.objects.exists()


def test_real_processors_are_given_tokens_by_account(browser, settings, barber):
    settings.SIMULATED_PROCESSORS = False
    square = Connection.objects.of_barbers().get()

    page = browser.get(NEW, follow=True).content.decode()
    browser.post(
        NEW, type_in(browser, amount="75.00") | {f"token_{square.pk}": "cnon:card-nonce-ok"}
    )

    assert "Payment token for My Square (square)" in page
    assert "Test card" not in page
    assert PaymentLeg.objects.get().connection == square


def test_a_real_processor_without_a_token_is_not_charged(browser, settings):
    settings.SIMULATED_PROCESSORS = False

    page = browser.post(NEW, type_in(browser, amount="75.00")).content.decode()

    assert "At least one payment token is needed." in page
    assert not Payment.objects.exists()


def test_an_account_is_connected_by_pasting_its_credentials(browser, simulator, barber):
    account = simulator.create_account("square", name="Second chair", currencies=["USD"])
    path = reverse("connection_new", args=["square"])

    wrong = browser.post(path, {"credential_access_token": "EAAA-wrong-token"})
    right = browser.post(path, {"credential_access_token": account.secret}, follow=True)

    assert "EAAA-wrong-token" not in wrong.content.decode()
    assert 'role="alert"' in wrong.content.decode()
    assert "is connected." in right.content.decode()
    assert account.secret not in right.content.decode()
    assert Connection.objects.filter(owner=barber, account_id=account.account_id).exists()


def test_testing_an_account_says_how_it_went(browser, barber):
    connection = Connection.objects.of_barbers().get()
    path = reverse("connection_test", args=[connection.public_id])

    response = browser.post(path, follow=True)

    assert "its credentials are good" in response.content.decode()
    assert HybridPaymentConfig.objects.count() == 1


def test_fresh_credentials_replace_the_old_ones_once_they_have_worked(browser, simulator):
    connection = Connection.objects.of_barbers().get()
    fresh = simulator.renew_secret("square", connection.account_id)
    path = reverse("connection_credentials", args=[connection.public_id])

    wrong = browser.post(path, {"credential_access_token": "sim_wrong_of_page"})
    right = browser.post(path, {"credential_access_token": fresh.secret}, follow=True)

    assert 'role="alert"' in wrong.content.decode()
    assert "has its new credentials" in right.content.decode()
    assert "sim_" not in wrong.content.decode() + right.content.decode()
    connection.refresh_from_db()
    assert connection.get_access().credentials["access_token"] == fresh.secret


def test_an_account_that_failed_can_be_reset(browser):
    connection = Connection.objects.of_barbers().get()
    path = reverse("connection_reset", args=[connection.public_id])
    assert path not in browser.get(reverse("connection_list")).content.decode()
    Connection.objects.filter(pk=connection.pk).update(error_count=3, state="error")
    assert path in browser.get(reverse("connection_list")).content.decode()

    response = browser.post(path, follow=True)

    connection.refresh_from_db()
    assert "its failures are forgotten" in response.content.decode()
    assert (connection.state, connection.error_count) == ("connected", 0)
