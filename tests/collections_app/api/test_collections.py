"""Collections over the API: who sees what, who may do what, and what is refused by which name."""

import pytest

from bookedbarber.accounts.roles import Role
from bookedbarber.foundation.models import IdempotencyKey
from collections_app.models import CollectionAttempt, PlatformCollection
from collections_app.operations.payments_by_decision import pay_by_hand
from tests import factories
from tests.collections_app.showing import announce, announce_long_ago, create_operator
from tests.payments.books import get_failed_checks

pytestmark = pytest.mark.django_db

BASE = "/api/v1/platform-collections"


def address(collection: PlatformCollection, act: str = "") -> str:
    return f"{BASE}/collections/{collection.public_id}{act}"


def get_code(answer) -> str:
    return answer.json()["error"]["code"]


def test_a_barber_lists_his_own_collections_with_what_he_owes(api):
    mine, theirs = announce(), announce()

    answer = api(mine.barber.user).get(f"{BASE}/my-collections").json()

    assert [row["collection_id"] for row in answer["data"]] == [mine.public_id]
    assert (answer["data"][0]["amount"], answer["data"][0]["status"]) == ("26.00", "pending")
    (summary,) = answer["summary"]
    assert (summary["collecting"], summary["outstanding"]) == ("26.00", "0.00")
    assert summary["next_collection_id"] == mine.public_id
    for act in ("", "/pay", "/retry", "/contest", "/waive"):
        method = api(mine.barber.user).post if act else api(mine.barber.user).get
        assert method(address(theirs, act)).status_code == (403 if act == "/waive" else 404)


def test_a_collection_opens_to_its_sales_and_where_their_rate_came_from(api):
    collection = announce(commission_rate="20")

    answer = api(collection.barber.user).get(address(collection)).json()

    lines = answer["related_transactions"]
    assert sorted(line["amount"] for line in lines) == ["-6.00", "12.00", "20.00"]
    first = next(line for line in lines if line["amount"] == "20.00")
    assert (first["sale_amount"], first["commission_base"]) == ("100.00", "100.00")
    assert (first["commission_rate"], first["processor"]) == ("20.00", "square")
    assert first["rate_origin"] == "terms in force from 2025-01-01 00:00 UTC"
    assert first["rate_config_id"] == collection.barber.payment_configs.get().pk
    assert answer["collection_breakdown"] == [{"kind": "commission", "count": 3, "amount": "26.00"}]


def test_a_contested_line_leaves_and_the_rest_goes_on(api):
    collection = announce()
    barber = api(collection.barber.user)
    line = collection.lines.get(amount_minor=12_00)

    missing = barber.post(address(collection, "/contest"), {"line_id": line.pk, "reason": " "})
    done = barber.post(address(collection, "/contest"), {"line_id": line.pk, "reason": "No sale"})

    assert (missing.status_code, get_code(missing)) == (400, "VALIDATION_ERROR")
    assert (done.status_code, done.json()["amount"]) == (200, "14.00")
    line.refresh_from_db()
    assert (line.state, line.contest_reason) == ("contested", "No sale")
    assert get_failed_checks() == set()


def test_all_of_it_is_contested_without_naming_a_line(api):
    collection = announce()

    done = api(collection.barber.user).post(address(collection, "/contest"), {"reason": "All"})

    assert done.json()["status"] == "canceled"
    owed = api(collection.barber.user).get(f"{BASE}/my-collections").json()["summary"][0]
    assert owed["owed"] == "26.00"
    assert get_failed_checks() == set()


def test_a_contest_after_the_window_is_refused_by_name(api):
    collection = announce_long_ago()
    line = collection.lines.get(amount_minor=12_00)
    wanted = {"line_id": line.pk, "reason": "No sale"}

    late = api(collection.barber.user).post(address(collection, "/contest"), wanted)

    assert (late.status_code, get_code(late)) == (409, "CONTEST_WINDOW_CLOSED")


def test_only_an_operator_waives_and_says_why(api):
    collection = announce()
    operator = api(create_operator())
    powerless = api(factories.create_user(Role.ADMIN))

    assert powerless.post(address(collection, "/waive"), {"reason": "x"}).status_code == 403
    refused = operator.post(address(collection, "/waive"), {})
    done = operator.post(address(collection, "/waive"), {"reason": "Flood in the shop"})

    assert (refused.status_code, get_code(refused)) == (400, "VALIDATION_ERROR")
    assert "reason" in refused.json()["error"]["details"]
    assert (done.status_code, done.json()["status"]) == (200, "waived")


def test_a_collected_one_is_not_tried_again(api):
    collection = announce_long_ago()
    operator = create_operator()
    pay_by_hand(
        collection=collection, reference="wire", by=operator.public_id, now=collection.due_at
    )
    wanted = {"retry_reason": "Again"}

    again = api(collection.barber.user).post(address(collection, "/retry"), wanted)
    unexplained = api(collection.barber.user).post(address(collection, "/retry"), {})

    assert (again.status_code, get_code(again)) == (409, "COLLECTION_NOT_OPEN")
    assert (unexplained.status_code, get_code(unexplained)) == (400, "VALIDATION_ERROR")


def test_paying_without_a_saved_method_is_refused_and_keeps_no_key(api):
    collection = announce()
    barber = api(collection.barber.user)

    refused = barber.post(address(collection, "/pay"), HTTP_IDEMPOTENCY_KEY="first")

    assert (refused.status_code, get_code(refused)) == (409, "NO_PAYMENT_METHOD")
    assert not IdempotencyKey.objects.exists()
    assert not CollectionAttempt.objects.exists()


def test_an_owner_of_the_shop_sees_but_does_not_act(api):
    collection = announce()
    shop = factories.create_shop()
    collection.barber.shop = shop
    collection.barber.save()
    owner = api(shop.owner)

    assert owner.get(address(collection)).status_code == 200
    assert owner.post(address(collection, "/pay")).status_code == 403
    assert owner.post(address(collection, "/contest"), {"reason": "x"}).status_code == 403


def test_the_summary_counts_what_was_built_accrued_and_collected(api):
    collection = announce_long_ago()
    announce()
    pay_by_hand(collection=collection, reference="wire", by="usr_1", now=collection.created_at)

    answer = api(collection.barber.user).get(f"{BASE}/summary?period=7_days").json()

    (owed,) = answer["collection_summary"]
    assert (owed["owed"], owed["by_status"]) == (
        "0.00",
        [{"name": "collected", "count": 1, "amount": "26.00"}],
    )
    assert answer["trends"][0]["name"] == "collected"
    assert (answer["trends"][0]["now"], answer["trends"][0]["change"]) == ("26.00", None)
    unknown = api(collection.barber.user).get(f"{BASE}/summary?period=ever")
    assert (unknown.status_code, get_code(unknown)) == (400, "VALIDATION_ERROR")
    assert "period" in unknown.json()["error"]["details"]
    nobody = api(factories.create_user(Role.CLIENT)).get(f"{BASE}/summary")
    assert nobody.status_code == 403
