"""POST /hybrid-payments/process, end to end through the real SDKs."""

import pytest

from bookedbarber.accounts.roles import Role
from payments.models import Accrual, LedgerEntry, Payment
from payments.states import Mode
from tests import factories

pytestmark = pytest.mark.django_db(transaction=True)

URL = "/api/v1/hybrid-payments/process"
VISA, NONCE = "pm_card_visa", "cnon:card-nonce-ok"
SALE = {"amount": "75.00", "payment_methods": {"platform": VISA}}


def list_entries() -> set[tuple[str, str, int]]:
    rows = LedgerEntry.objects.values_list("transaction__kind", "account__code", "amount_minor")
    return set(rows)


def test_a_centralized_sale_is_charged_and_booked(platform, api):
    barber = factories.create_barber()

    answer = api(barber.user).post(URL, SALE)

    assert answer.status_code == 201
    body = answer.json()
    assert (body["status"], body["routing_decision"]) == ("completed", "centralized")
    assert body["commission_amount"] == "15.00"
    assert (body["processing_fee"], body["processing_fee_is_estimate"]) == ("2.48", False)
    assert body["net_amount"] == "57.52"
    assert list_entries() == {
        ("sale", "clearing", 75_00),
        ("sale", "commission", -15_00),
        ("sale", "payable", -60_00),
        ("fee", "clearing", -2_48),
        ("fee", "payable", 2_48),
    }


def test_an_external_sale_leaves_the_commission_owed(platform, connect, api):
    barber = factories.create_barber()
    factories.create_config(barber, mode=Mode.DECENTRALIZED)
    square = connect(barber, "square")

    answer = api(barber.user).post(
        URL, {"amount": "75.00", "payment_methods": {str(square.pk): NONCE}}
    )

    assert answer.status_code == 201
    body = answer.json()
    assert (body["routing_decision"], body["external_processor"]) == ("external", "square")
    assert (body["processing_fee"], body["commission_collected"]) == ("2.05", False)
    accrual = Accrual.objects.get()
    assert (accrual.barber, accrual.amount_minor) == (barber, 15_00)
    assert list_entries() == {("accrual", "receivable", 15_00), ("accrual", "commission", -15_00)}


def test_a_fallback_says_why(platform, connect, api):
    barber = factories.create_hybrid_barber()
    connect(barber, "square")

    body = api(barber.user).post(URL, SALE | {"amount": "160.00"}).json()

    assert body["routing_decision"] == "fallback"
    assert body["routing_details"]["reason"] == "no_usable_connection"
    assert "no payment token" in body["routing_details"]["explanation"]


def test_a_decline_is_402_with_the_payment(platform, api):
    client = api(factories.create_barber().user)

    answer = client.post(
        URL, {"amount": "75.00", "payment_methods": {"platform": "pm_card_chargeDeclined"}}
    )

    assert answer.status_code == 402
    error = answer.json()["error"]
    assert error["code"] == "PAYMENT_DECLINED"
    assert error["details"]["reason"] == "generic_decline"
    assert error["details"]["payment"]["status"] == "failed"
    assert error["request_id"] == answer["X-Request-Id"]


def test_a_repeated_key_gets_the_same_answer(platform, simulator, api):
    client = api(factories.create_barber().user)

    first = client.post(URL, SALE, HTTP_IDEMPOTENCY_KEY="k-1")
    again = client.post(URL, SALE, HTTP_IDEMPOTENCY_KEY='"k-1"')

    assert (first.status_code, again.status_code) == (201, 201)
    assert again.json() == first.json()
    assert (again["Idempotency-Replayed"], "Idempotency-Replayed" in first) == ("true", False)
    assert len(simulator.journal(platform.account_id)) == 1


def test_a_repeated_key_gets_the_same_decline_to_the_letter(platform, api):
    client = api(factories.create_barber().user)
    declined = SALE | {"payment_methods": {"platform": "pm_card_chargeDeclined"}}

    first = client.post(URL, declined, HTTP_IDEMPOTENCY_KEY="k-1")
    again = client.post(URL, declined, HTTP_IDEMPOTENCY_KEY="k-1")

    assert again.json() == first.json()
    assert Payment.objects.count() == 1


def test_a_key_cannot_be_reused_for_another_sale(platform, api):
    client = api(factories.create_barber().user)
    client.post(URL, SALE, HTTP_IDEMPOTENCY_KEY="k-1")

    other = client.post(URL, SALE | {"amount": "76.00"}, HTTP_IDEMPOTENCY_KEY="k-1")

    assert other.status_code == 422
    assert other.json()["error"]["code"] == "IDEMPOTENCY_KEY_REUSED"
    assert Payment.objects.count() == 1


def test_two_people_may_use_the_same_key(platform, api):
    for _ in range(2):
        user = factories.create_barber().user
        assert api(user).post(URL, SALE, HTTP_IDEMPOTENCY_KEY="k-1").status_code == 201

    assert Payment.objects.count() == 2


@pytest.mark.parametrize(
    ("change", "status", "code", "named"),
    [
        ({"amount": "0"}, 400, "INVALID_PAYMENT_AMOUNT", "1.00 to 2000.00"),
        ({"amount": "-5"}, 400, "INVALID_PAYMENT_AMOUNT", "1.00 to 2000.00"),
        ({"amount": "0.99"}, 400, "INVALID_PAYMENT_AMOUNT", "1.00 to 2000.00"),
        ({"amount": "75.005"}, 400, "INVALID_PAYMENT_AMOUNT", "2 decimal places"),
        ({"amount": 75.005}, 400, "INVALID_PAYMENT_AMOUNT", "2 decimal places"),
        ({"amount": "2000.01"}, 400, "INVALID_PAYMENT_AMOUNT", "1.00 to 2000.00"),
        ({"amount": "abc"}, 400, "INVALID_PAYMENT_AMOUNT", "amount"),
        ({"amount": "1e9"}, 400, "INVALID_PAYMENT_AMOUNT", "1.00 to 2000.00"),
        ({"amount": "1e999999"}, 400, "INVALID_PAYMENT_AMOUNT", "amount"),
        ({"amount": "NaN"}, 400, "INVALID_PAYMENT_AMOUNT", "amount"),
        ({"amount": "Infinity"}, 400, "INVALID_PAYMENT_AMOUNT", "amount"),
        ({"amount": True}, 400, "INVALID_PAYMENT_AMOUNT", "amount"),
        ({"amount": None}, 400, "VALIDATION_ERROR", "amount"),
        ({"amount": ["75.00"]}, 400, "INVALID_PAYMENT_AMOUNT", "amount"),
        ({"currency": "GBP", "amount": "1000.01"}, 400, "INVALID_PAYMENT_AMOUNT", "1000.00 GBP"),
        ({"currency": "XXX"}, 400, "UNSUPPORTED_CURRENCY", "currency"),
        ({"currency": "EUR"}, 400, "UNSUPPORTED_CURRENCY", "currency"),
        ({"tip_amount": "75.00"}, 400, "INVALID_PAYMENT_AMOUNT", "tip_amount"),
        ({"tip_amount": "-1"}, 400, "INVALID_PAYMENT_AMOUNT", "tip_amount"),
        ({"payment_methods": None}, 400, "VALIDATION_ERROR", "payment_methods"),
        ({"payment_methods": {}}, 400, "VALIDATION_ERROR", "payment_methods"),
        ({"payment_methods": {"9": VISA}}, 400, "VALIDATION_ERROR", "payment_methods"),
        ({"payment_methods": {"venmo": VISA}}, 400, "VALIDATION_ERROR", "payment_methods"),
        ({"payment_methods": {"platform": "x" * 501}}, 400, "VALIDATION_ERROR", "500"),
        ({"payment_methods": {"platform": "a b\n"}}, 400, "VALIDATION_ERROR", "platform"),
        ({"payment_methods": {"platform": "a\x00b"}}, 400, "VALIDATION_ERROR", "characters"),
        ({"appointment_id": 987654321}, 404, "NOT_FOUND", "appointment"),
        ({"appointment_id": "x"}, 400, "VALIDATION_ERROR", "appointment_id"),
        ({"appointment_id": 10**30}, 400, "VALIDATION_ERROR", "appointment_id"),
        ({"barber_id": 987654321}, 404, "NOT_FOUND", "barber"),
        ({"visit_part": 0}, 400, "VALIDATION_ERROR", "visit_part"),
        ({"client_preference": "cash"}, 400, "VALIDATION_ERROR", "client_preference"),
        ({"metadata": {"a": "b\x00"}}, 400, "VALIDATION_ERROR", "characters"),
        ({"metadata": {"a": "b" * 501}}, 400, "VALIDATION_ERROR", "metadata"),
        ({"surprise": 1}, 400, "VALIDATION_ERROR", "surprise"),
    ],
    ids=str,
)
def test_bad_input_is_named_and_changes_nothing(
    platform, simulator, api, change, status, code, named
):
    answer = api(factories.create_barber().user).post(URL, SALE | change)

    assert answer.status_code == status, answer.content
    error = answer.json()["error"]
    assert error["code"] == code
    assert named in error["message"]
    assert not Payment.objects.exists()
    assert simulator.journal(platform.account_id) == []


@pytest.mark.parametrize("key", ["", "x" * 256, "kéy", '""'])
def test_a_key_must_be_short_printable_text(platform, api, key):
    answer = api(factories.create_barber().user).post(URL, SALE, HTTP_IDEMPOTENCY_KEY=key)

    assert answer.status_code == 400
    assert "Idempotency-Key" in answer.json()["error"]["message"]


def test_an_exact_json_number_is_an_amount(platform, api):
    answer = api(factories.create_barber().user).post(URL, SALE | {"amount": 75})

    assert answer.json()["amount"] == "75.00"


def test_somebody_elses_barber_does_not_exist(platform, api):
    other = factories.create_barber()

    answer = api(factories.create_barber().user).post(URL, SALE | {"barber_id": other.pk})

    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "NOT_FOUND")
    assert not Payment.objects.exists()


def test_somebody_elses_appointment_does_not_exist(platform, api):
    appointment = factories.create_appointment()

    answer = api(factories.create_barber().user).post(
        URL, SALE | {"appointment_id": appointment.pk}
    )

    assert answer.status_code == 404


def test_a_client_pays_for_his_own_appointment(platform, api):
    client = factories.create_user(Role.CLIENT)
    barber = factories.create_barber()
    profile = factories.create_client(barber, user=client)
    appointment = factories.create_appointment(client=profile)

    answer = api(client).post(URL, SALE | {"appointment_id": appointment.pk})

    assert answer.status_code == 201


def test_a_client_cannot_pay_a_barber_without_an_appointment(platform, api):
    barber = factories.create_barber()

    answer = api(factories.create_user(Role.CLIENT)).post(URL, SALE | {"barber_id": barber.pk})

    assert answer.status_code == 404


def test_without_a_platform_account_the_refusal_says_so(api, transactional_db):
    answer = api(factories.create_barber().user).post(URL, SALE)

    assert answer.status_code == 400
    assert not Payment.objects.exists()
