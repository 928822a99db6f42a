"""The clock, the journals, the page, and starting over."""

import re
from typing import Any

import pytest

from tests.processors.simulator.conftest import CARD_SALE, Sandbox


def test_the_clock_ticks_and_moves(own_sandbox: Sandbox) -> None:
    before = own_sandbox.doors.get("clock").json()
    moved = own_sandbox.doors.post("clock", json={"advance_seconds": 3600}).json()
    placed = own_sandbox.doors.post("clock", json={"now": "2026-03-01T09:00:00+01:00"}).json()

    assert before["offset_seconds"] == 0
    assert moved["offset_seconds"] == 3600
    assert placed["now"].startswith("2026-03-01T08:00:00")
    client = own_sandbox.new_stripe()
    created = client.v1.payment_intents.create(CARD_SALE).created
    assert 0 <= created - 1772352000 < 30


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "advance_seconds"),
        ({"advance_seconds": "soon"}, "advance_seconds"),
        ({"advance_seconds": 1e12}, "advance_seconds"),
        ({"now": "tomorrow"}, "now"),
        ({"forward": 1}, "forward"),
    ],
)
def test_a_clock_request_that_makes_no_sense_is_refused(
    sandbox: Sandbox, body: dict[str, Any], field: str
) -> None:
    answer = sandbox.doors.post("clock", json=body)

    assert (answer.status_code, answer.json()["error"]["field"]) == (400, field)


def test_a_body_that_is_no_json_is_refused(sandbox: Sandbox) -> None:
    for broken in (b"{", b"[]", b"\xff"):
        answer = sandbox.doors.post("clock", content=broken)
        assert answer.status_code == 400, broken


def test_an_unknown_door_lists_the_known_ones(sandbox: Sandbox) -> None:
    answer = sandbox.doors.get("cellar")

    assert answer.status_code == 404
    assert "GET /_simulator/accounts" in answer.json()["error"]["message"]


def test_requests_are_journaled_without_secrets(sandbox: Sandbox) -> None:
    account = sandbox.put_account("stripe")
    client = sandbox.stripe_client(account.secret)
    card: Any = {"number": "4242424242424242", "exp_month": 1, "exp_year": 2031, "cvc": "987"}
    client.v1.payment_methods.create({"type": "card", "card": card}, {"idempotency_key": "k7"})
    client.v1.payment_intents.create({"amount": 500, "currency": "usd"})

    answer = sandbox.doors.get("requests", params={"account_id": account.account_id})

    first, second = answer.json()["requests"]
    assert (first["method"], first["path"]) == ("POST", "/stripe/v1/payment_methods")
    assert (first["key"], first["status"]) == ("k7", 200)
    assert "4242424242424242" not in answer.text
    assert "987" not in first["request"]
    assert account.secret not in answer.text
    assert re.search(r"_secret_\w+", second["response"]) is None


def test_the_journal_is_read_page_by_page(sandbox: Sandbox) -> None:
    account = sandbox.put_account("stripe")
    client = sandbox.stripe_client(account.secret)
    for _ in range(3):
        client.v1.payment_intents.create(CARD_SALE)

    window: Any = {"account_id": account.account_id, "limit": 2, "after": 0}
    first = sandbox.doors.get("journal", params=window).json()
    second = sandbox.doors.get("journal", params={**window, "after": first["last"]}).json()

    assert (len(first["movements"]), len(second["movements"])) == (2, 1)
    sequences = [each["sequence"] for each in first["movements"] + second["movements"]]
    assert sequences == sorted(set(sequences))


@pytest.mark.parametrize(("field", "value"), [("after", "x"), ("limit", "0"), ("limit", "10001")])
def test_a_window_that_makes_no_sense_is_refused(sandbox: Sandbox, field: str, value: str) -> None:
    answer = sandbox.doors.get(f"journal?{field}={value}")

    assert (answer.status_code, answer.json()["error"]["field"]) == (
        400,
        field,
    )


def test_a_reset_forgets_everything(own_sandbox: Sandbox) -> None:
    account = own_sandbox.put_account("stripe")
    own_sandbox.stripe_client(account.secret).v1.payment_intents.create(CARD_SALE)
    own_sandbox.advance(60)

    own_sandbox.doors.post("reset")

    assert own_sandbox.doors.get("accounts").json()["accounts"] == []
    assert own_sandbox.doors.get("journal").json()["movements"] == []
    assert own_sandbox.doors.get("clock").json()["offset_seconds"] == 0


def test_a_reset_forgets_applications_policies_and_plants(own_sandbox: Sandbox) -> None:
    account = own_sandbox.put_account("stripe")
    consent = {"processor": "stripe", "client_id": "ca_1", "account_id": account.account_id}
    body = {"account_id": account.account_id}
    added = {**body, "kind": "added", "processor": "stripe", "amount_minor": 100}
    own_sandbox.doors.put("applications/stripe/ca_1", json=body)
    code = own_sandbox.doors.post("authorizations", json=consent).json()["code"]
    form = {"grant_type": "authorization_code", "code": code}
    own_sandbox.stripe_client(account.secret).oauth.token(form)
    own_sandbox.doors.post("deliveries/policy", json={"hold": True})
    own_sandbox.doors.post("plants", json=added)
    lists = ("applications", "authorizations", "plants", "deliveries/policy", "events")
    before = [own_sandbox.doors.get(name).text for name in lists]
    page = own_sandbox.doors.get(own_sandbox.url + "/").text

    own_sandbox.doors.post("reset")

    assert all("ca_1" in text for text in (*before[:2], page))
    for name in lists:
        [rows] = [value for value in own_sandbox.doors.get(name).json().values() if value != 0]
        assert rows == [], name


def test_the_page_shows_what_happened_and_hides_keys(own_sandbox: Sandbox) -> None:
    account = own_sandbox.put_account("stripe", name="Fade & <b>Sons</b>")
    client = own_sandbox.stripe_client(account.secret)
    client.v1.payment_intents.create({**CARD_SALE, "metadata": {"reference": "leg_<1>"}})

    page = own_sandbox.doors.get(own_sandbox.url + "/")

    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert 'name="viewport"' in page.text
    assert "75.00 USD" in page.text
    assert "2.48 USD" in page.text
    assert "POST /stripe/v1/payment_intents" in page.text
    assert "Fade &amp; &lt;b&gt;Sons&lt;/b&gt;" in page.text
    assert "leg_&lt;1&gt;" in page.text
    assert account.secret not in page.text


def test_the_pages_form_moves_the_clock(own_sandbox: Sandbox) -> None:
    answer = own_sandbox.doors.post(
        "clock", data={"advance_seconds": "86400"}, headers={"accept": "text/html"}
    )

    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert own_sandbox.doors.get("clock").json()["offset_seconds"] == 86_400
