"""The pages of barbers, owners and clients: who sees what."""

import pytest
from django.test import Client
from django.urls import reverse

from bookedbarber.accounts.models import Barber
from bookedbarber.accounts.roles import Role
from bookedbarber.foundation.money import Money
from payments.models import Payment
from payments.operations.evidence import Outcome
from payments.states import Mode
from processors.models import Connection
from processors.states import ConnectionState
from tests import factories
from tests.console.admin_rows import create_sale

pytestmark = pytest.mark.django_db

LIST = reverse("payment_list")
NEW = reverse("payment_new")
CONNECTIONS = reverse("connection_list")


@pytest.fixture
def visit():
    """A browser's client of a person, logged in: visit(user).get(…)."""

    def log_in(user) -> Client:
        client = Client()
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        return client

    return log_in


@pytest.fixture
def barber() -> Barber:
    """Takes payments on an own Square account."""
    barber = factories.create_barber(shop=factories.create_shop())
    factories.create_config(barber, mode=Mode.DECENTRALIZED)
    factories.create_connection(barber, name="My Square")
    return barber


def detail(payment: Payment) -> str:
    return reverse("payment_detail", args=[payment.public_id])


def read(client: Client, path: str) -> str:
    response = client.get(path)
    assert response.status_code == 200, response.status_code
    return response.content.decode()


@pytest.mark.parametrize(
    "path", [LIST, NEW, CONNECTIONS, reverse("connection_new", args=["square"])]
)
def test_whoever_is_not_logged_in_is_asked_to(client, path):
    response = client.get(path)

    assert response.status_code == 302
    assert response.url == f"{reverse('account_login')}?next={path}"


@pytest.mark.parametrize(
    ("role", "statuses"),
    [
        (Role.BARBER, [200, 200, 200, 200]),
        (Role.SHOP_OWNER, [200, 403, 200, 403]),
        (Role.ENTERPRISE_OWNER, [200, 403, 200, 403]),
        (Role.CLIENT, [200, 403, 403, 403]),
        (Role.ADMIN, [200, 403, 200, 403]),
    ],
)
def test_each_role_opens_its_pages(role, statuses, visit):
    user = factories.create_user(role)
    if role == Role.BARBER:
        factories.create_barber(user=user)
    person = visit(user)
    paths = [LIST, NEW, CONNECTIONS, reverse("connection_new", args=["square"])]

    assert [person.get(path, follow=True).status_code for path in paths] == statuses


def test_home_answers_everybody(client, visit, barber):
    assert "Log in" in read(client, "/")
    assert "Take a payment" in read(visit(barber.user), "/")
    assert "simulated processors" in read(client, "/")


def test_the_shops_owner_and_the_barber_see_a_payment(visit, barber):
    payment = create_sale(barber, Outcome.CAPTURED)

    for user in (barber.user, barber.shop.owner):
        assert payment.public_id in read(visit(user), LIST)
        assert "57.95 USD" in read(visit(user), detail(payment))


@pytest.mark.parametrize("role", [Role.BARBER, Role.SHOP_OWNER, Role.CLIENT])
def test_a_strangers_payment_is_not_there(role, visit, barber):
    payment = create_sale(barber, Outcome.CAPTURED)
    stranger = factories.create_user(role)
    if role == Role.BARBER:
        factories.create_barber(user=stranger)

    person = visit(stranger)

    assert payment.public_id not in read(person, LIST)
    assert person.get(detail(payment)).status_code == 404
    assert person.get(f"{LIST}?before={payment.public_id}").status_code == 404


def test_a_client_sees_the_own_payment_and_not_how_it_is_shared(visit, barber):
    user = factories.create_user(Role.CLIENT)
    client = factories.create_client(barber, user=user)
    payment = create_sale(
        barber, Outcome.CAPTURED, appointment=factories.create_appointment(client=client)
    )

    pages = read(visit(user), LIST) + read(visit(user), detail(payment))

    assert "75.00 USD" in pages
    assert "Commission" not in pages
    assert "57.95" not in pages


def test_the_list_shows_fee_commission_and_net(visit, barber):
    create_sale(barber, Outcome.CAPTURED)

    page = read(visit(barber.user), LIST)

    for text in ("75.00 USD", "2.05 USD", "15.00 USD", "57.95 USD", "My Square"):
        assert text in page
    assert 'class="estimate">estimate' not in page


def test_a_failed_payment_says_why_and_that_nothing_was_charged(visit, barber):
    payment = create_sale(barber, Outcome.FAILED)

    page = read(visit(barber.user), detail(payment))

    assert "Declined: Your card has insufficient funds." in page
    assert "Nothing was charged." in page
    assert "Net" not in page


def test_an_unknown_payment_says_not_to_charge_again(visit, barber):
    payment = create_sale(barber, Outcome.UNKNOWN)

    page = read(visit(barber.user), detail(payment))

    assert "We are asking the processor what happened. Do not charge again." in page
    assert "(estimate until the processor names it)" in page


def test_fifty_payments_are_on_a_page(visit, barber):
    payments = [
        create_sale(
            barber, Outcome.CAPTURED, external_id=f"ch_{number}", amount=Money(amount, "USD")
        )
        for number, amount in enumerate(range(10_00, 10_51))
    ]
    person = visit(barber.user)

    first = read(person, LIST)
    second = read(person, f"{LIST}?before={payments[1].public_id}")

    assert f"before={payments[1].public_id}" in first
    assert detail(payments[0]) not in first
    assert detail(payments[0]) in second
    assert "Older" not in second


def test_a_page_of_payments_costs_a_fixed_number_of_statements(
    visit, barber, django_assert_max_num_queries
):
    person = visit(barber.user)
    for number in range(10):
        create_sale(barber, Outcome.CAPTURED, external_id=f"ch_{number}")

    with django_assert_max_num_queries(8):
        read(person, LIST)


@pytest.mark.parametrize(
    "act",
    [
        "connection_test",
        "connection_disconnect",
        "connection_reset",
        "connection_webhook",
        "connection_credentials",
    ],
)
def test_an_account_is_acted_on_by_its_owner_alone(act, visit, barber):
    connection = Connection.objects.get()
    other = factories.create_barber(shop=barber.shop)
    path = reverse(act, args=[connection.public_id])

    assert visit(other.user).post(path).status_code == 404
    assert visit(barber.shop.owner).post(path).status_code == 403
    connection.refresh_from_db()
    assert connection.state == ConnectionState.CONNECTED


def test_a_shop_owner_sees_the_shops_accounts_without_acts(visit, barber):
    page = read(visit(barber.shop.owner), CONNECTIONS)

    assert "My Square" in page
    assert "Disconnect" not in page
    assert "Connect Square" not in page


def test_disconnecting_asks_first(visit, barber):
    connection = Connection.objects.get()
    path = reverse("connection_disconnect", args=[connection.public_id])
    person = visit(barber.user)

    assert "Disconnect My Square?" in read(person, path)
    connection.refresh_from_db()
    assert connection.state == ConnectionState.CONNECTED

    response = person.post(path, {"reason": ""}, follow=True)

    connection.refresh_from_db()
    assert "My Square is disconnected." in response.content.decode()
    assert connection.state == ConnectionState.DISCONNECTED


def test_an_unknown_processor_has_no_page(visit, barber):
    assert visit(barber.user).get(reverse("connection_new", args=["abacus"])).status_code == 404


def test_an_address_without_a_page_says_so(client):
    response = client.get("/nothing-here")

    assert response.status_code == 404
    assert "There is nothing here" in response.content.decode()


def test_a_login_that_fails_too_often_is_locked_out(client, barber):
    wrong = {"login": barber.user.email, "password": "wrong"}
    for _ in range(5):
        client.post(reverse("account_login"), wrong)

    right = {"login": barber.user.email, "password": factories.PASSWORD}
    response = client.post(reverse("account_login"), right)

    assert "Too many failed login attempts" in response.content.decode()
    assert "_auth_user_id" not in client.session
