"""Paying over the API, with a real debit at the simulator."""

import pytest

from collections_app.models import CollectionAttempt
from tests.collections_app.showing import announce
from tests.collections_app.taking import DECLINED_LATER, VISA, list_debits, save_method
from tests.payments.books import at_once


@pytest.fixture
def collection(platform):
    return announce()


def test_the_same_key_pays_once_and_says_the_same(api, collection, simulator, platform):
    save_method(simulator, collection.barber, VISA)
    address = f"/api/v1/platform-collections/collections/{collection.public_id}/pay"

    def pay(key: str = '"k-1"'):
        return api(collection.barber.user).post(address, HTTP_IDEMPOTENCY_KEY=key)

    answers = at_once([pay] * 4)
    again, other_key = pay(), pay("k-2")

    assert sorted({answer.status_code for answer in answers}) in ([200], [200, 409])
    assert (again.status_code, again.headers["Idempotency-Replayed"]) == (200, "true")
    assert again.json()["status"] == "collected"
    assert again.json()["attempt"]["status"] == "succeeded"
    assert other_key.json()["error"]["code"] == "COLLECTION_NOT_OPEN"
    assert list_debits(simulator, platform.account_id) == [("charge", 26_00)]


def test_a_declined_card_says_so_and_can_be_tried_again(api, collection, simulator):
    save_method(simulator, collection.barber, DECLINED_LATER)
    address = f"/api/v1/platform-collections/collections/{collection.public_id}/pay"

    declined = api(collection.barber.user).post(address, HTTP_IDEMPOTENCY_KEY="k-1")
    again = api(collection.barber.user).post(address, HTTP_IDEMPOTENCY_KEY="k-1")

    assert (declined.status_code, declined.json()["error"]["code"]) == (402, "PAYMENT_DECLINED")
    assert again.json()["error"]["details"] == declined.json()["error"]["details"]
    assert CollectionAttempt.objects.count() == 1
