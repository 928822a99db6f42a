"""Connecting accounts with Stripe by OAuth, and parting again."""

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
import stripe
from stripe.oauth_error import InvalidClientError, InvalidGrantError, OAuthError

from tests.processors.simulator.conftest import CARD_SALE, NO_TLS, Account, Sandbox
from tests.processors.simulator.receiver import WebhookReceiver

BACK = "https://shop.example/callback"


class Shop:
    """A platform with an application, and a barber's account it has no access to yet."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.platform = sandbox.put_account("stripe", funds_delay_seconds=0)
        self.barber = sandbox.put_account("stripe")
        self.client_id = f"ca_{self.platform.account_id}"
        self.put_application()
        self.client = sandbox.stripe_client(self.platform.secret, client_id=self.client_id)

    def put_application(self, **settings: Any) -> None:
        body = {"account_id": self.platform.account_id, "redirect_uris": [BACK], **settings}
        answer = self.sandbox.doors.put(f"applications/stripe/{self.client_id}", json=body)
        assert answer.status_code == 200, answer.text

    def authorize(self, **parameters: str) -> httpx.Response:
        url = self.client.oauth.authorize_url({"scope": "read_write", "state": "s1", **parameters})
        return httpx.get(url, verify=NO_TLS)

    def allow(self, account: Account | None = None) -> str:
        account = account or self.barber
        answer = self.authorize(
            simulator_account=account.account_id, simulator_answer="approve", redirect_uri=BACK
        )
        return read_answer(answer)["code"]

    def connect(self) -> Any:
        form = {"grant_type": "authorization_code", "code": self.allow()}
        return self.client.oauth.token(form)

    def act(self, act: str) -> int:
        body = {
            "processor": "stripe",
            "client_id": self.client_id,
            "account_id": self.barber.account_id,
        }
        return self.sandbox.doors.post(f"authorizations/{act}", json=body).status_code


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

    assert (token.stripe_user_id, token.token_type) == (shop.barber.account_id, "bearer")
    assert (token.scope, token.livemode) == ("read_write", False)
    theirs = shop.sandbox.stripe_client(token.access_token)
    assert theirs.v1.accounts.retrieve_current().id == shop.barber.account_id
    theirs.v1.payment_intents.create(CARD_SALE)
    options: Any = {"stripe_account": shop.barber.account_id}
    shop.client.v1.payment_intents.create(CARD_SALE, options)
    assert len(shop.sandbox.movements(shop.barber)) == 2


def test_the_page_asks_and_sends_the_answer_back(shop: Shop) -> None:
    page = shop.authorize(redirect_uri=BACK)
    url = str(page.url)
    form = {"simulator_account": shop.barber.account_id, "simulator_answer": "approve"}
    allowed = read_answer(httpx.post(url, data=form, verify=NO_TLS))
    denied = read_answer(httpx.post(url, data={**form, "simulator_answer": "deny"}, verify=NO_TLS))

    assert page.status_code == 200
    assert shop.barber.account_id in page.text
    assert shop.platform.account_id not in page.text.split("<form", 1)[1]
    assert (allowed["state"], allowed["scope"]) == ("s1", "read_write")
    assert allowed["code"].startswith("ac_")
    assert (denied["error"], denied["state"]) == ("access_denied", "s1")


def test_an_application_may_be_answered_by_itself(shop: Shop) -> None:
    shop.put_application(auto_account_id=shop.barber.account_id)
    allowed = read_answer(shop.authorize())
    shop.put_application(auto_account_id=shop.barber.account_id, auto_answer="deny")

    assert "code" in allowed
    assert read_answer(shop.authorize())["error"] == "access_denied"


@pytest.mark.parametrize(
    "changes",
    [{"client_id": "ca_none"}, {"redirect_uri": "https://evil.example/"}, {"response_type": "x"}],
)
def test_what_cannot_be_sent_back_is_said_on_a_page(shop: Shop, changes: Any) -> None:
    answer = shop.authorize(**changes)

    assert (answer.status_code, "location" in answer.headers) == (400, False)


def test_a_used_code_is_refused_and_takes_its_tokens_along(shop: Shop) -> None:
    form = {"grant_type": "authorization_code", "code": shop.allow()}
    token: Any = shop.client.oauth.token(form)

    with pytest.raises(InvalidGrantError, match="already been used"):
        shop.client.oauth.token(form)

    with pytest.raises(stripe.AuthenticationError):
        shop.sandbox.stripe_client(token.access_token).v1.balance.retrieve()


def test_of_two_at_once_one_gets_the_code(shop: Shop) -> None:
    form = {"grant_type": "authorization_code", "code": shop.allow()}

    def try_to_exchange(_number: int) -> bool:
        try:
            return bool(shop.client.oauth.token(form))
        except InvalidGrantError:
            return False

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(try_to_exchange, range(4))) == [False, False, False, True]


@pytest.mark.parametrize(
    ("form", "error"),
    [
        ({"grant_type": "authorization_code", "code": "ac_none"}, "invalid_grant"),
        ({"grant_type": "authorization_code"}, "invalid_request"),
        ({"grant_type": "refresh_token", "refresh_token": "rt_none"}, "invalid_grant"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
    ],
)
def test_a_token_request_that_makes_no_sense_is_refused(
    shop: Shop, form: dict[str, str], error: str
) -> None:
    with pytest.raises(OAuthError) as refused:
        shop.client.oauth.token(form)

    assert refused.value.code == error


def test_a_wrong_secret_and_anothers_code_are_refused(shop: Shop) -> None:
    form = {"grant_type": "authorization_code", "code": shop.allow()}
    nobody = shop.sandbox.stripe_client("sk_test_of_nobody_at_all")
    other = shop.sandbox.stripe_client(shop.sandbox.put_account("stripe").secret)

    with pytest.raises(InvalidClientError) as unknown:
        nobody.oauth.token(form)
    with pytest.raises(InvalidGrantError, match="does not belong to you"):
        other.oauth.token(form)

    assert unknown.value.http_status == 401
    assert "sk_test_of_nobody_at_all" not in str(unknown.value)


def test_a_code_expires_after_minutes(own_sandbox: Sandbox) -> None:
    shop = Shop(own_sandbox)
    code = shop.allow()

    own_sandbox.advance(301)

    with pytest.raises(InvalidGrantError, match="expired"):
        shop.client.oauth.token({"grant_type": "authorization_code", "code": code})


def test_a_refresh_token_gives_access_again(shop: Shop) -> None:
    first = shop.connect()

    again = shop.client.oauth.token(
        {"grant_type": "refresh_token", "refresh_token": first.refresh_token}
    )

    assert again.access_token != first.access_token
    for token in (first, again):
        theirs = shop.sandbox.stripe_client(token.access_token)
        assert theirs.v1.balance.retrieve().object == "balance"


def test_the_platform_gives_access_up(shop: Shop) -> None:
    token = shop.connect()
    form = {"client_id": shop.client_id, "stripe_user_id": shop.barber.account_id}

    parted = shop.client.oauth.deauthorize(form)

    assert parted.stripe_user_id == shop.barber.account_id
    with pytest.raises(stripe.AuthenticationError):
        shop.sandbox.stripe_client(token.access_token).v1.balance.retrieve()
    with pytest.raises(stripe.PermissionError):
        shop.client.v1.accounts.retrieve(shop.barber.account_id)
    with pytest.raises(InvalidGrantError):
        shop.client.oauth.token(
            {"grant_type": "refresh_token", "refresh_token": token.refresh_token}
        )
    with pytest.raises(InvalidClientError, match="not connected"):
        shop.client.oauth.deauthorize(form)


def test_the_platform_hears_of_accounts_that_come_and_go(
    shop: Shop, receiver: WebhookReceiver
) -> None:
    types = ["account.application.authorized", "account.application.deauthorized"]
    hook: Any = {"url": receiver.url, "enabled_events": types, "connect": True}
    shop.client.v1.webhook_endpoints.create(hook)
    shop.connect()

    assert shop.act("revoke") == 200

    events = [json.loads(each.body) for each in receiver.wait_for(2)]
    assert {event["type"] for event in events} == set(types)
    assert {event["account"] for event in events} == {shop.barber.account_id}
    body = {"id": shop.client_id, "object": "application", "name": "An application"}
    assert [event["data"]["object"] for event in events] == [body, body]
    assert shop.act("revoke") == 409


def test_a_connected_account_can_be_transferred_to(shop: Shop) -> None:
    shop.client.v1.payment_intents.create(CARD_SALE)
    transfer = {"amount": 100, "currency": "usd", "destination": shop.barber.account_id}
    with pytest.raises(stripe.InvalidRequestError):
        shop.client.v1.transfers.create(transfer)

    shop.connect()

    assert shop.client.v1.transfers.create(transfer).destination == shop.barber.account_id


def test_tokens_and_secrets_are_in_no_journal(shop: Shop) -> None:
    token = shop.connect()

    journal = shop.sandbox.doors.get("requests", params={"limit": 10_000}).text
    listed = shop.sandbox.doors.get("authorizations").text

    for secret in (token.access_token, token.refresh_token, shop.platform.secret):
        assert secret not in journal
        assert secret not in listed
    assert "/stripe/oauth/authorize" in journal
