"""Square's lists: times, order, cursors, locations."""

from typing import Any

import pytest
from square.core.api_error import ApiError

from tests.processors.simulator.conftest import Account, Sandbox, square_sale


@pytest.fixture
def account(sandbox: Sandbox) -> Account:
    return sandbox.put_account("square", currencies=["USD", "CAD"])


@pytest.fixture
def client(sandbox: Sandbox, account: Account) -> Any:
    return sandbox.square_client(account.secret)


@pytest.fixture
def five_sales(sandbox: Sandbox, account: Account) -> list[str]:
    """Five past sales, an hour apart, oldest first; the third was refunded days later."""
    sales: list[dict[str, Any]] = [
        {"occurred_at": f"2026-03-01T{hour:02}:00:00Z", "amount_minor": 1000, "currency": "USD"}
        for hour in range(10, 15)
    ]
    sales[2]["refunds"] = [{"occurred_at": "2026-03-05T10:00:00Z", "amount_minor": 100}]
    body = {"processor": "square", "account_id": account.account_id, "sales": sales}
    answer = sandbox.doors.post("sales", json=body)
    return [sale["id"] for sale in answer.json()["sales"]]


def test_the_sdk_walks_through_all_pages(client: Any, five_sales: list[str]) -> None:
    newest_first = [each.id for each in client.payments.list(limit=2)]
    oldest_first = [each.id for each in client.payments.list(limit=2, sort_order="ASC")]

    assert newest_first == five_sales[::-1]
    assert oldest_first == five_sales


def test_times_are_half_open(client: Any, five_sales: list[str]) -> None:
    found = client.payments.list(
        begin_time="2026-03-01T11:00:00Z", end_time="2026-03-01T13:00:00Z", sort_order="ASC"
    )

    assert [each.id for each in found] == five_sales[1:3]


def test_changes_are_found_by_their_time(client: Any, five_sales: list[str]) -> None:
    found = client.payments.list(
        updated_at_begin_time="2026-03-02T00:00:00Z",
        updated_at_end_time="2026-03-09T00:00:00Z",
        sort_field="UPDATED_AT",
    )

    assert [each.id for each in found] == [five_sales[2]]


def test_without_a_location_the_main_one_is_listed(
    client: Any, account: Account, five_sales: list[str]
) -> None:
    main, other = (location["id"] for location in account.described["locations"])
    cad = client.payments.create(
        **square_sale(location_id=other, amount_money={"amount": 100, "currency": "CAD"})
    ).payment

    assert cad is not None
    assert [each.id for each in client.payments.list(location_id=other)] == [cad.id]
    assert {each.location_id for each in client.payments.list()} == {main}


def test_square_looks_back_one_year_unless_told(
    client: Any, sandbox: Sandbox, account: Account
) -> None:
    old = {"occurred_at": "2020-03-01T10:00:00Z", "amount_minor": 1000, "currency": "USD"}
    body = {"processor": "square", "account_id": account.account_id, "sales": [old]}
    sandbox.doors.post("sales", json=body)

    assert list(client.payments.list()) == []
    assert len(list(client.payments.list(begin_time="2020-01-01T00:00:00Z"))) == 1


@pytest.mark.parametrize(
    ("parameters", "code"),
    [
        ({"cursor": "%%%"}, "INVALID_CURSOR"),
        ({"cursor": "bm9ib2R5"}, "INVALID_CURSOR"),
        ({"begin_time": "yesterday"}, "INVALID_TIME"),
        ({"begin_time": "2026-03-02", "end_time": "2026-03-01"}, "INVALID_TIME_RANGE"),
        ({"sort_order": "UP"}, "INVALID_SORT_ORDER"),
        ({"limit": 0}, "VALUE_TOO_LOW"),
    ],
)
def test_a_list_that_makes_no_sense_is_refused(
    client: Any, parameters: dict[str, Any], code: str
) -> None:
    with pytest.raises(ApiError) as refused:
        client.payments.list(**parameters)

    assert refused.value.errors[0].code == code


def test_locations_and_the_merchant_follow_from_the_account(client: Any, account: Account) -> None:
    locations: Any = client.locations.list().locations
    merchant: Any = client.merchants.get("me").merchant

    assert [each.currency for each in locations] == ["USD", "CAD"]
    assert client.locations.get("main").location.id == locations[0].id
    assert client.locations.get(locations[1].id).location.currency == "CAD"
    assert (merchant.id, merchant.main_location_id) == (account.account_id, locations[0].id)
    assert [each.id for each in client.merchants.list()] == [account.account_id]


def test_given_locations_are_kept(sandbox: Sandbox) -> None:
    chosen = [{"id": "LMAIN", "name": "High Street", "currency": "USD"}]
    client = sandbox.new_square(locations=chosen)

    assert [each.name for each in client.locations.list().locations or []] == ["High Street"]


def test_a_customer_is_kept_changed_and_deleted(client: Any) -> None:
    created: Any = client.customers.create(given_name="Ann", email_address="a@b.example").customer
    changed: Any = client.customers.update(created.id, given_name="Anna", version=0).customer
    paid: Any = client.payments.create(**square_sale(customer_id=created.id)).payment

    assert (changed.given_name, changed.email_address) == ("Anna", "a@b.example")
    assert changed.version == 1
    assert paid.customer_id == created.id
    assert [each.id for each in client.customers.list()] == [created.id]
    with pytest.raises(ApiError) as stale:
        client.customers.update(
            created.id, given_name="Annie", version=0, request_options={"max_retries": 0}
        )
    assert stale.value.status_code == 409
    client.customers.delete(created.id)
    with pytest.raises(ApiError) as gone:
        client.customers.get(created.id)
    assert gone.value.status_code == 404


def test_a_customer_needs_something_to_be_known_by(client: Any) -> None:
    with pytest.raises(ApiError) as refused:
        client.customers.create(note="Nobody")

    assert refused.value.errors[0].code == "BAD_REQUEST"
