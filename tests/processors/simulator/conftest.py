"""A running simulator, accounts on it, and the official SDKs pointed at it."""

import secrets
import ssl
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
import square
import stripe

from processors.simulator.server import Running, start
from tests.processors.simulator.receiver import WebhookReceiver

RETRY_SECONDS = (0.05, 0.1)
# Everything here is plain HTTP, and reading all authorities for each client takes 40 ms.
NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


@dataclass
class Sandbox:
    """One simulator with its control doors; makes accounts and SDK clients, and closes them."""

    url: str
    closing: ExitStack = field(default_factory=ExitStack)

    def __post_init__(self) -> None:
        client = httpx.Client(base_url=f"{self.url}/_simulator/", timeout=60, verify=NO_TLS)
        self.doors = self.closing.enter_context(client)

    def put_account(self, processor: str, **settings: Any) -> "Account":
        account_id = settings.pop("account_id", f"acct_{secrets.token_hex(6)}")
        secret = settings.pop("secret", f"sk_test_{secrets.token_hex(12)}")
        body = {"secret": secret, "name": "Corner Chair", **settings}
        answer = self.doors.put(f"accounts/{processor}/{account_id}", json=body)
        assert answer.status_code == 200, answer.text
        return Account(account_id, secret, answer.json())

    # The SDKs' clients are Any here: tests send what their types forbid, on purpose.
    def stripe_client(self, secret: str, *, timeout: float = 60, **options: Any) -> Any:
        http_client = stripe.RequestsClient(timeout=timeout)
        self.closing.callback(http_client.close)
        return stripe.StripeClient(
            secret,
            base_addresses={"api": f"{self.url}/stripe", "connect": f"{self.url}/stripe"},
            max_network_retries=0,
            http_client=http_client,
            **options,
        )

    def square_client(self, token: str, *, timeout: float = 60) -> Any:
        http_client = self.closing.enter_context(httpx.Client(timeout=timeout, verify=NO_TLS))
        return square.Square(token=token, base_url=f"{self.url}/square", httpx_client=http_client)

    def new_stripe(self, **settings: Any) -> Any:
        return self.stripe_client(self.put_account("stripe", **settings).secret)

    def new_square(self, **settings: Any) -> Any:
        return self.square_client(self.put_account("square", **settings).secret)

    def advance(self, seconds: float) -> None:
        answer = self.doors.post("clock", json={"advance_seconds": seconds})
        assert answer.status_code == 200, answer.text

    def add_fault(self, kind: str, account: "Account | None" = None, **rule: Any) -> str:
        """Add a rule, for one account if given; return its id."""
        if account is not None:
            rule["account_id"] = account.account_id
        answer = self.doors.post("faults", json={"kind": kind, **rule})
        assert answer.status_code == 201, answer.text
        return answer.json()["id"]

    def faults(self) -> list[dict[str, Any]]:
        return self.doors.get("faults").json()["faults"]

    def hits(self, account: "Account") -> list[dict[str, Any]]:
        answer = self.doors.get("faults/hits", params={"account_id": account.account_id})
        return answer.json()["hits"]

    def requests(self, account: "Account") -> list[dict[str, Any]]:
        answer = self.doors.get("requests", params={"account_id": account.account_id})
        return answer.json()["requests"]

    def movements(self, account: "Account") -> list[dict[str, Any]]:
        answer = self.doors.get("journal", params={"account_id": account.account_id})
        return answer.json()["movements"]


@dataclass(frozen=True)
class Account:
    account_id: str
    secret: str
    described: dict[str, Any]


@pytest.fixture(scope="session")
def running() -> Iterator[Running]:
    simulator = start(port=0, webhook_retry_seconds=RETRY_SECONDS)
    yield simulator
    simulator.stop()


@pytest.fixture
def sandbox(running: Running) -> Iterator[Sandbox]:
    """The shared simulator: tests keep apart by their accounts, and leave its clock alone."""
    sandbox = Sandbox(running.url)
    with sandbox.closing:
        yield sandbox
        sandbox.doors.delete("faults")


@contextmanager
def run_sandbox(
    state: Path | None = None, *, retry_seconds: tuple[float, ...] = RETRY_SECONDS
) -> Iterator[Sandbox]:
    """A simulator that is stopped however the test ends."""
    simulator = start(port=0, state=state, webhook_retry_seconds=retry_seconds)
    sandbox = Sandbox(simulator.url)
    try:
        with sandbox.closing:
            yield sandbox
    finally:
        simulator.stop()


@pytest.fixture
def own_sandbox(tmp_path: Path) -> Iterator[Sandbox]:
    """A simulator of the test's own, whose clock may be moved."""
    with run_sandbox(tmp_path / "state.sqlite3") as sandbox:
        yield sandbox


@pytest.fixture
def receiver() -> Iterator[WebhookReceiver]:
    with WebhookReceiver() as receiver:
        yield receiver


CARD_SALE: Any = {
    "amount": 7500,
    "currency": "usd",
    "confirm": True,
    "payment_method": "pm_card_visa",
}


def error_of(raised: pytest.ExceptionInfo[stripe.StripeError]) -> Any:
    """The error object in Stripe's answer, which the SDK's types say may be absent."""
    return raised.value.error


def square_sale(**changes: Any) -> dict[str, Any]:
    return {
        "source_id": "cnon:card-nonce-ok",
        "idempotency_key": secrets.token_hex(10),
        "amount_money": {"amount": 7500, "currency": "USD"},
        **changes,
    }
