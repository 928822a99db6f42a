"""GET and POST /payments."""

import pytest

from bookedbarber.accounts.roles import Role
from payments.models import Payment
from tests import factories

pytestmark = pytest.mark.django_db(transaction=True)

URL = "/api/v1/payments"
SALE = {"amount": "75.00", "payment_methods": {"platform": "pm_card_visa"}}


def test_a_payment_is_made_listed_and_read(platform, api):
    client = api(factories.create_barber().user)

    made = client.post(URL, SALE).json()

    listed = client.get(URL).json()
    assert [row["payment_id"] for row in listed["data"]] == [made["payment_id"]]
    assert client.get(f"{URL}/{made['payment_id']}").json() == listed["data"][0]


def test_barbers_see_nothing_of_each_other(platform, api):
    mine, other = factories.create_barber(), factories.create_barber()
    made = api(mine.user).post(URL, SALE).json()

    assert api(other.user).get(URL).json()["data"] == []
    assert api(other.user).get(f"{URL}/{made['payment_id']}").status_code == 404


def test_an_owner_sees_the_own_shops_only(platform, api):
    shop = factories.create_shop()
    mine, other = factories.create_barber(shop=shop), factories.create_barber()
    seen = api(mine.user).post(URL, SALE).json()["payment_id"]
    api(other.user).post(URL, SALE)

    listed = api(shop.owner).get(URL).json()["data"]

    assert [row["payment_id"] for row in listed] == [seen]


def test_an_admin_sees_all(platform, api):
    for _ in range(2):
        api(factories.create_barber().user).post(URL, SALE)

    listed = api(factories.create_user(Role.ADMIN)).get(URL).json()["data"]

    assert len(listed) == 2


def test_the_list_is_filtered_by_status(platform, api):
    client = api(factories.create_barber().user)
    client.post(URL, SALE)
    client.post(URL, SALE | {"payment_methods": {"platform": "pm_card_chargeDeclined"}})

    failed = client.get(URL, {"status": "failed"}).json()["data"]

    assert [row["status"] for row in failed] == ["failed"]
    assert client.get(URL, {"status": "lost"}).status_code == 400


def test_pages_cover_every_payment_once(platform, api):
    client = api(factories.create_barber().user)
    for _ in range(5):
        client.post(URL, SALE)

    seen, cursor = [], None
    while True:
        page = client.get(URL, {"limit": 2, **({"cursor": cursor} if cursor else {})}).json()
        seen += [row["payment_id"] for row in page["data"]]
        cursor = page["pagination"]["next_cursor"]
        if not page["pagination"]["has_more"]:
            break

    assert sorted(seen) == sorted(Payment.objects.values_list("public_id", flat=True))


def test_a_list_costs_the_same_for_one_and_for_many(platform, api, django_assert_max_num_queries):
    client = api(factories.create_barber().user)
    for _ in range(3):
        client.post(URL, SALE)

    with django_assert_max_num_queries(5):
        client.get(URL)


def test_without_a_login_nothing_is_served(client, db):
    answer = client.get(URL)

    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "INVALID_TOKEN")
