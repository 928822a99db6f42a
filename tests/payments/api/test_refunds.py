"""POST and GET /refunds."""

import pytest
from django.utils import timezone

from bookedbarber.accounts.models import User
from bookedbarber.accounts.roles import Role
from payments.models import Payment, Refund
from payments.operations.refund_news import hear_of_refund
from payments.operations.unknown_refunds import settle_unknown_refunds
from processors.contract import RefundRequest, Refunds
from processors.registry import get_adapter
from tests import factories
from tests.payments import splitting
from tests.payments.books import usd
from tests.payments.refunding import later, list_refunded, take

pytestmark = pytest.mark.django_db(transaction=True)

URL = "/api/v1/refunds"


@pytest.fixture(autouse=True)
def _short_waits(settings) -> None:
    settings.PROCESSOR_RETRY_SECONDS = 0.01


@pytest.fixture
def user(platform) -> User:
    return factories.create_barber().user


@pytest.fixture
def payment(user) -> Payment:
    return take(user.barber)


@pytest.fixture
def client(api, user):
    return api(user)


def test_a_part_is_refunded_listed_and_read(client, payment):
    body = {"payment_id": payment.public_id, "amount": "30.00", "reason": "Too short"}

    made = client.post(URL, body)

    assert made.status_code == 201
    refund = made.json()
    assert (refund["status"], refund["amount"], refund["reason"]) == (
        "succeeded",
        "30.00",
        "Too short",
    )
    assert (refund["refunded_amount"], refund["made_at_processor"]) == ("30.00", False)
    [part] = refund["parts"]
    assert (part["id"], part["processor"], part["failure"]) == (
        refund["refund_id"],
        "stripe",
        None,
    )
    assert client.get(URL).json()["data"] == [refund]
    assert client.get(f"{URL}/{refund['refund_id']}").json() == refund
    paid = client.get(f"/api/v1/payments/{payment.public_id}").json()
    assert paid["status"] == "partially_refunded"


def test_without_an_amount_all_that_is_left_is_refunded(client, payment):
    client.post(URL, {"payment_id": payment.public_id, "amount": "0.01"})

    rest = client.post(URL, {"payment_id": payment.public_id})

    assert rest.json()["amount"] == "74.99"


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"amount": "75.01"}, "amount"),
        ({"amount": "0"}, "amount"),
        ({"amount": "-1.00"}, "amount"),
        ({"amount": "1.001"}, "amount"),
        ({"amount": "a lot"}, "amount"),
        ({"amount": "1e400"}, "amount"),
        ({"currency": "CAD"}, "currency"),
        ({"amount": "1.00", "currency": "XXX"}, "currency"),
    ],
)
def test_what_makes_no_sense_is_refused_by_name(
    client, payment, platform, simulator, fields, named
):
    answer = client.post(URL, {"payment_id": payment.public_id} | fields)

    assert answer.status_code == 400
    error = answer.json()["error"]
    assert (error["code"], error["details"]["field"]) == ("INVALID_PAYMENT_AMOUNT", named)
    assert not Refund.objects.exists()
    assert list_refunded(simulator, platform.account_id) == []


def test_more_than_is_left_names_the_limit(client, payment):
    client.post(URL, {"payment_id": payment.public_id, "amount": "30.00"})

    answer = client.post(URL, {"payment_id": payment.public_id, "amount": "45.01"})

    assert answer.status_code == 400
    assert answer.json()["error"]["details"] == {"field": "amount", "maximum": "45.00"}


@pytest.mark.parametrize("fields", [{"reason": "x" * 151}, {"speed": "fast"}])
def test_fields_that_are_not_known_or_too_long_are_named(client, payment, fields):
    answer = client.post(URL, {"payment_id": payment.public_id} | fields)

    assert answer.status_code == 400
    assert next(iter(fields)) in str(answer.json())


def test_a_payment_that_is_refunded_whole_cannot_be_refunded(client, payment):
    client.post(URL, {"payment_id": payment.public_id})

    assert client.post(URL, {"payment_id": payment.public_id}).status_code == 409


def test_a_payment_that_has_not_completed_cannot_be_refunded(client):
    pending = client.post("/api/v1/payments", {"amount": "75.00"}).json()

    answer = client.post(URL, {"payment_id": pending["payment_id"]})

    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "CONFLICT")


def test_barbers_see_and_refund_nothing_of_each_other(client, payment, api):
    client.post(URL, {"payment_id": payment.public_id, "amount": "1.00"})
    stranger = api(factories.create_barber().user)

    assert stranger.post(URL, {"payment_id": payment.public_id}).status_code == 404
    assert stranger.get(URL).json()["data"] == []
    refund_id = Refund.objects.get().public_id
    assert stranger.get(f"{URL}/{refund_id}").status_code == 404


def test_a_client_sees_his_refunds_and_makes_none(platform, api):
    user = factories.create_user(Role.CLIENT)
    barber = factories.create_barber()
    appointment = factories.create_appointment(client=factories.create_client(barber, user=user))
    payment = take(barber)
    Payment.objects.filter(pk=payment.pk).update(appointment=appointment)
    api(barber.user).post(URL, {"payment_id": payment.public_id, "amount": "1.00"})

    assert len(api(user).get(URL).json()["data"]) == 1
    assert api(user).post(URL, {"payment_id": payment.public_id}).status_code == 403


def test_a_refusal_of_the_processor_is_424_with_the_refund(client, payment, simulator):
    simulator.add_fault("revoked_token", operation="refund")

    answer = client.post(URL, {"payment_id": payment.public_id, "amount": "30.00"})

    assert answer.status_code == 424
    error = answer.json()["error"]
    assert error["code"] == "EXTERNAL_API_ERROR"
    assert error["details"]["refund"]["status"] == "failed"


def test_a_processor_that_cannot_be_reached_is_424(client, payment, simulator):
    simulator.add_fault("rate_limited", operation="refund", times=None)

    answer = client.post(URL, {"payment_id": payment.public_id})

    assert answer.status_code == 424
    assert answer.json()["error"]["code"] == "EXTERNAL_PROCESSOR_UNAVAILABLE"


def test_a_lost_answer_is_202_until_it_is_found(client, payment, simulator):
    simulator.add_fault("reset_after", operation="refund")

    answer = client.post(URL, {"payment_id": payment.public_id, "amount": "30.00"})

    assert (answer.status_code, answer.json()["status"]) == (202, "unknown")
    settle_unknown_refunds(now=later(seconds=6))
    found = client.get(f"{URL}/{answer.json()['refund_id']}").json()
    assert (found["status"], found["refunded_amount"]) == ("succeeded", "30.00")


def test_the_same_key_refunds_once(client, payment, platform, simulator):
    body = {"payment_id": payment.public_id, "amount": "30.00"}

    answers = [client.post(URL, body, HTTP_IDEMPOTENCY_KEY="k") for _ in range(2)]

    first, second = answers
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json() == second.json()
    assert second.headers["Idempotency-Replayed"] == "true"
    assert list_refunded(simulator, platform.account_id) == [30_00]
    other = client.post(URL, body | {"amount": "1.00"}, HTTP_IDEMPOTENCY_KEY="k")
    assert other.status_code == 422


def test_the_key_of_a_refund_of_the_whole_is_answered_again(client, payment):
    body = {"payment_id": payment.public_id}

    first, again = [client.post(URL, body, HTTP_IDEMPOTENCY_KEY="k") for _ in range(2)]

    assert (first.status_code, again.json()) == (201, first.json())


def test_the_key_of_an_unknown_refund_answers_its_present_state(client, payment, simulator):
    simulator.add_fault("reset_after", operation="refund")
    body = {"payment_id": payment.public_id, "amount": "30.00"}

    first = client.post(URL, body, HTTP_IDEMPOTENCY_KEY="k")
    settle_unknown_refunds(now=later(seconds=6))
    again = client.post(URL, body, HTTP_IDEMPOTENCY_KEY="k")

    assert (first.status_code, again.status_code) == (202, 201)
    assert again.json()["refund_id"] == first.json()["refund_id"]
    assert again.json()["status"] == "succeeded"


def test_a_key_whose_request_was_refused_is_free_again(client, payment):
    body = {"payment_id": payment.public_id, "amount": "75.01"}
    client.post(URL, body, HTTP_IDEMPOTENCY_KEY="k")

    answer = client.post(URL, body | {"amount": "75.00"}, HTTP_IDEMPOTENCY_KEY="k")

    assert answer.status_code == 201


def test_a_refund_of_a_split_payment_is_one_request_with_two_parts(platform, connect, api):
    barber = splitting.create_split_barber(connect)
    payment = splitting.take(barber)

    made = api(barber.user).post(URL, {"payment_id": payment.public_id, "amount": "30.00"}).json()

    assert made["amount"] == "30.00"
    assert [(part["role"], part["amount"]) for part in made["parts"]] == [
        ("commission", "6.00"),
        ("main", "24.00"),
    ]
    listed = api(barber.user).get(URL).json()["data"]
    assert listed == [made]
    by_part = api(barber.user).get(f"{URL}/{made['parts'][1]['id']}")
    assert by_part.json() == made


def test_the_list_is_filtered(client, payment, simulator):
    client.post(URL, {"payment_id": payment.public_id, "amount": "1.00"})
    simulator.add_fault("revoked_token", operation="refund")
    client.post(URL, {"payment_id": payment.public_id, "amount": "2.00"})

    def amounts(**filters) -> list[str]:
        return [row["amount"] for row in client.get(URL, filters).json()["data"]]

    assert amounts() == ["2.00", "1.00"]
    assert amounts(status="failed") == ["2.00"]
    assert amounts(payment_id=payment.public_id, status="succeeded") == ["1.00"]
    assert amounts(payment_id="pay_other") == []
    assert amounts(until=payment.created_at.isoformat()) == []
    assert client.get(URL, {"status": "lost"}).status_code == 400


def test_a_refund_made_in_the_dashboard_is_shown_as_such(client, payment):
    leg = payment.legs.get()
    request = RefundRequest(
        reference="dashboard", payment_external_id=leg.external_id, amount=usd(10_00)
    )
    made = get_adapter(leg.connection.get_access(), Refunds).refund(request)
    hear_of_refund(
        connection=leg.connection, external_id=made.external_id, by="job:t", now=timezone.now()
    )

    [listed] = client.get(URL).json()["data"]

    assert (listed["made_at_processor"], listed["amount"]) == (True, "10.00")


def test_a_list_costs_the_same_whatever_its_length(client, payment, django_assert_max_num_queries):
    for _ in range(3):
        client.post(URL, {"payment_id": payment.public_id, "amount": "1.00"})

    with django_assert_max_num_queries(7):
        assert len(client.get(URL).json()["data"]) == 3
