"""Connecting sellers with Square by OAuth, and parting again."""

import json
import secrets
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import pytest
from square.core.api_error import ApiError

from tests.processors.simulator.conftest import NO_TLS, Sandbox, square_sale
from tests.processors.simulator.receiver import WebhookReceiver

BACK = "https://shop.example/callback"
DAY_SECONDS = 86_400


class Shop:
    """An application, and a seller it has no access to yet."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.owner = sandbox.put_account("square")
        self.seller = sandbox.put_account("square")
        self.client_id = f"sandbox-sq0idb-{secrets.token_hex(8)}"
        self.secret = f"sandbox-sq0csb-{secrets.token_hex(8)}"
        self.put_application()
        self.client = sandbox.square_client("no token yet")

    def put_application(self, **settings: Any) -> None:
        body = {
            "account_id": self.owner.account_id,
            "client_secret": self.secret,
            "redirect_uris": [BACK],
            **settings,
        }
        answer = self.sandbox.doors.put(f"applications/square/{self.client_id}", json=body)
        assert answer.status_code == 200, answer.text
        assert self.secret not in answer.text

    def authorize(self, **parameters: str) -> httpx.Response:
        given = {"client_id": self.client_id, "scope": "PAYMENTS_READ", "state": "s1"}
        query = urlencode({**given, **parameters})
        return httpx.get(f"{self.sandbox.url}/square/oauth2/authorize?{query}", verify=NO_TLS)

    def allow(self) -> str:
        answer = self.authorize(
            simulator_account=self.seller.account_id, simulator_answer="approve"
        )
        return read_answer(answer)["code"]

    def obtain(self, **given: Any) -> Any:
        options = {"max_retries": 0}
        ours = {"client_id": self.client_id, "client_secret": self.secret}
        return self.client.o_auth.obtain_token(**{**ours, **given}, request_options=options)

    def connect(self, **given: Any) -> Any:
        return self.obtain(grant_type="authorization_code", code=self.allow(), **given)

    def revoke(self, **given: Any) -> Any:
        header = {"additional_headers": {"Authorization": f"Client {self.secret}"}}
        return self.client.o_auth.revoke_token(
            client_id=self.client_id, request_options=header, **given
        )

    def act(self, act: str) -> int:
        body = {
            "processor": "square",
            "client_id": self.client_id,
            "account_id": self.seller.account_id,
        }
        return self.sandbox.doors.post(f"authorizations/{act}", json=body).status_code

    def refusal_of(self, token: str) -> str:
        with pytest.raises(ApiError) as refused:
            self.sandbox.square_client(token).locations.list()
        assert refused.value.status_code == 401
        return refused.value.errors[0].code


def read_answer(answer: httpx.Response) -> dict[str, str]:
    assert answer.status_code == 302, answer.text
    location = answer.headers["location"]
    assert location.startswith(BACK)
    return {name: values[0] for name, values in parse_qs(urlsplit(location).query).items()}


@pytest.fixture
def shop(sandbox: Sandbox) -> Shop:
    return Shop(sandbox)


def test_a_code_is_exchanged_for_access(shop: Shop) -> None:
    token = shop.connect()

    assert (token.merchant_id, token.token_type) == (shop.seller.account_id, "bearer")
    assert token.short_lived is False
    theirs = shop.sandbox.square_client(token.access_token)
    assert theirs.merchants.get("me").merchant.id == shop.seller.account_id
    theirs.payments.create(**square_sale())
    assert len(shop.sandbox.movements(shop.seller)) == 1
    status = theirs.o_auth.retrieve_token_status()
    assert (status.client_id, status.scopes) == (shop.client_id, ["PAYMENTS_READ"])
    assert (status.merchant_id, status.expires_at) == (token.merchant_id, token.expires_at)


def test_the_page_asks_and_sends_the_answer_back(shop: Shop) -> None:
    page = shop.authorize()
    form = {"simulator_account": shop.seller.account_id, "simulator_answer": "approve"}
    allowed = read_answer(httpx.post(str(page.url), data=form, verify=NO_TLS))
    denied = read_answer(shop.authorize(simulator_answer="deny"))

    assert page.status_code == 200
    assert shop.seller.account_id in page.text
    assert (allowed["state"], allowed["response_type"]) == ("s1", "code")
    assert (denied["error"], denied["error_description"]) == ("access_denied", "user_denied")
    assert shop.authorize(client_id="none").status_code == 400


def test_tokens_end_after_thirty_days_and_are_refreshed(own_sandbox: Sandbox) -> None:
    shop = Shop(own_sandbox)
    first = shop.connect()
    short = shop.obtain(
        grant_type="refresh_token", refresh_token=first.refresh_token, short_lived=True
    )

    own_sandbox.advance(DAY_SECONDS + 1)
    assert shop.refusal_of(short.access_token) == "ACCESS_TOKEN_EXPIRED"
    own_sandbox.square_client(first.access_token).locations.list()
    own_sandbox.advance(29 * DAY_SECONDS)
    assert shop.refusal_of(first.access_token) == "ACCESS_TOKEN_EXPIRED"
    again = shop.obtain(grant_type="refresh_token", refresh_token=first.refresh_token)

    assert again.refresh_token == first.refresh_token
    own_sandbox.square_client(again.access_token).locations.list()


def test_a_code_is_good_once_and_for_minutes(own_sandbox: Sandbox) -> None:
    shop = Shop(own_sandbox)
    used, old = shop.allow(), shop.allow()
    shop.obtain(grant_type="authorization_code", code=used)
    own_sandbox.advance(301)

    details = []
    for code in (used, old, "none"):
        with pytest.raises(ApiError) as refused:
            shop.obtain(grant_type="authorization_code", code=code)
        assert refused.value.status_code == 401
        details.append(refused.value.errors[0].detail)

    words = ("claimed", "expired", "not found")
    assert [word in str(detail) for word, detail in zip(words, details, strict=True)] == [True] * 3


@pytest.mark.parametrize(
    ("given", "status"),
    [
        ({"client_secret": "wrong", "grant_type": "refresh_token"}, 401),
        ({"client_id": "none", "grant_type": "refresh_token"}, 401),
        ({"grant_type": "refresh_token", "refresh_token": "none"}, 401),
        ({"grant_type": "authorization_code"}, 400),
        ({"grant_type": "password"}, 400),
    ],
)
def test_a_token_request_that_makes_no_sense_is_refused(
    shop: Shop, given: dict[str, str], status: int
) -> None:
    with pytest.raises(ApiError) as refused:
        shop.obtain(**given)

    assert refused.value.status_code == status


def test_anothers_code_is_refused(shop: Shop) -> None:
    code = Shop(shop.sandbox).allow()

    with pytest.raises(ApiError, match="not found"):
        shop.obtain(grant_type="authorization_code", code=code)


def test_the_application_gives_access_up(shop: Shop) -> None:
    token = shop.connect()

    assert shop.revoke(merchant_id=shop.seller.account_id).success is True

    assert shop.refusal_of(token.access_token) == "ACCESS_TOKEN_REVOKED"
    with pytest.raises(ApiError):
        shop.obtain(grant_type="refresh_token", refresh_token=token.refresh_token)
    with pytest.raises(ApiError) as gone:
        shop.revoke(merchant_id=shop.seller.account_id)
    assert gone.value.status_code == 404
    assert shop.connect().refresh_token != token.refresh_token


def test_one_token_may_be_revoked_alone(shop: Shop) -> None:
    token = shop.connect()

    shop.revoke(access_token=token.access_token, revoke_only_access_token=True)

    assert shop.refusal_of(token.access_token) == "ACCESS_TOKEN_REVOKED"
    shop.obtain(grant_type="refresh_token", refresh_token=token.refresh_token)


def test_revoking_needs_the_applications_secret(shop: Shop) -> None:
    shop.connect()
    shop.secret = "wrong"

    with pytest.raises(ApiError) as refused:
        shop.revoke(merchant_id=shop.seller.account_id)

    assert refused.value.status_code == 401


def test_a_door_ends_access_tokens_at_once(shop: Shop) -> None:
    token = shop.connect()

    assert shop.act("expire") == 200

    assert shop.refusal_of(token.access_token) == "ACCESS_TOKEN_EXPIRED"
    shop.obtain(grant_type="refresh_token", refresh_token=token.refresh_token)


def test_one_subscription_hears_of_all_sellers(shop: Shop, receiver: WebhookReceiver) -> None:
    owner = shop.sandbox.square_client(shop.owner.secret)
    types = ["payment.created", "oauth.authorization.revoked"]
    subscription = {"event_types": types, "notification_url": receiver.url}
    owner.webhooks.subscriptions.create(subscription=subscription)
    token = shop.connect()
    shop.sandbox.square_client(token.access_token).payments.create(**square_sale())

    assert shop.act("revoke") == 200

    by_type = {event["type"]: event for event in map(read_body, receiver.wait_for(2))}
    assert set(by_type) == set(types)
    assert {event["merchant_id"] for event in by_type.values()} == {shop.seller.account_id}
    content = by_type["oauth.authorization.revoked"]["data"]
    assert content["type"] == "revocation"
    assert content["object"]["revocation"]["revoker_type"] == "MERCHANT"
    assert set(content["object"]["revocation"]) == {"revoked_at", "revoker_type"}
    assert shop.act("revoke") == 409


def read_body(received: Any) -> dict[str, Any]:
    return json.loads(received.body)


def test_applications_are_listed_without_secrets(shop: Shop) -> None:
    listed = shop.sandbox.doors.get("applications")

    assert shop.client_id in listed.text
    assert shop.secret not in listed.text


def test_an_application_that_makes_no_sense_is_refused(sandbox: Sandbox) -> None:
    account = sandbox.put_account("square")
    good = {"account_id": account.account_id, "client_secret": "s"}
    put = sandbox.doors.put

    assert put("applications/square/app", json={**good, "account_id": "none"}).is_error
    assert put("applications/square/app", json={"account_id": account.account_id}).is_error
    assert put("applications/square/app", json={**good, "colour": "red"}).is_error
    assert put("applications/paypal/app", json=good).is_error
    unknown = {"processor": "square", "client_id": "none", "account_id": account.account_id}
    assert sandbox.doors.post("authorizations", json=unknown).status_code == 400
