"""A pytest plugin: the processor simulator, one for each test process, on a port of its own.

    def test_a_sale(simulator):
        account = simulator.create_account("square", currencies=["CAD"])
        adapter = get_adapter(account.get_access(), Charges)

Load it with `pytest_plugins = ["tests.simulation"]` in `tests/conftest.py`. While it runs, the
settings send Stripe's and Square's SDKs there. Every account is new, so tests share it untroubled.
"""

import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from types import TracebackType
from typing import Any, Self

import httpx
import pytest
from django.test import override_settings

from processors.contract import AccountAccess
from tests.waiting import wait_until

_SECRET_FIELDS = {"stripe": "secret_key", "square": "access_token"}
_PREFIXES = {"stripe": "acct_", "square": "ML"}
_PAGE = 1000


@dataclass(frozen=True)
class SimulatedAccount:
    """An account at the simulator, and how we get in."""

    processor: str
    account_id: str
    secret: str = field(repr=False)
    described: dict[str, Any] = field(repr=False, default_factory=dict)

    @property
    def credentials(self) -> dict[str, str]:
        return {_SECRET_FIELDS[self.processor]: self.secret}

    def get_access(self, *, environment: str = "sandbox", **credentials: str) -> AccountAccess:
        return AccountAccess(
            processor=self.processor,
            environment=environment,
            account_id=self.account_id,
            credentials=self.credentials | credentials,
        )


class Simulator:
    """A running simulator, through its control doors."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._doors = httpx.Client(base_url=f"{url}/_simulator/", trust_env=False, timeout=60)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._doors.close()

    def create_account(
        self,
        processor: str,
        *,
        account_id: str = "",
        secret: str = "",
        name: str = "A shop",
        **settings: Any,
    ) -> SimulatedAccount:
        """Create an account, a new one unless `account_id` is given.

        `settings` are those of `PUT /_simulator/accounts/…`, such as `currencies=["CAD"]`.
        """
        account_id = account_id or _PREFIXES[processor] + secrets.token_hex(8)
        secret = secret or f"sim_{secrets.token_hex(16)}"
        described = self._put(
            f"accounts/{processor}/{account_id}", {"secret": secret, "name": name, **settings}
        )
        return SimulatedAccount(processor, account_id, secret, described)

    def renew_secret(self, processor: str, account_id: str) -> SimulatedAccount:
        """Give the account a secret that no other has; the old one is refused from now on."""
        return self.create_account(processor, account_id=account_id)

    def journal(self, account_id: str | None = None, *, after: int = 0) -> list[dict[str, Any]]:
        """Return the movements of money, in the order of their commit."""
        return self._list("journal", "movements", account_id, after)

    def requests(self, account_id: str | None = None, *, after: int = 0) -> list[dict[str, Any]]:
        """Return the requests that came, secrets masked, oldest first."""
        return self._list("requests", "requests", account_id, after)

    def deliveries(self, account_id: str | None = None, *, after: int = 0) -> list[dict[str, Any]]:
        """Return the attempts to deliver webhooks, oldest first."""
        return self._list("deliveries", "deliveries", account_id, after)

    def record_sales(
        self, account: SimulatedAccount, sales: list[dict[str, Any]], **options: Any
    ) -> dict[str, Any]:
        """Create past sales through the bulk door, at most 1,000; see its documentation."""
        ours = {"processor": account.processor, "account_id": account.account_id}
        return self._post("sales", {**ours, "sales": sales, **options})

    def authenticate(self, payment_intent_id: str, *, succeeds: bool = True) -> dict[str, Any]:
        """Answer for the card holder's bank."""
        outcome = "succeed" if succeeds else "fail"
        return self._post(f"authenticate/{payment_intent_id}", {"outcome": outcome})

    def advance(self, seconds: float) -> None:
        """Move the simulator's clock, for all accounts."""
        self._post("clock", {"advance_seconds": seconds})

    def put_the_clock_right(self) -> None:
        """Undo what a test has moved it by; others share the simulator."""
        offset = self._doors.get("clock").raise_for_status().json()["offset_seconds"]
        if offset:
            self.advance(-offset)

    def now(self) -> datetime:
        answer = self._doors.get("clock").raise_for_status().json()
        return datetime.fromisoformat(answer["now"])

    def add_fault(self, kind: str, **rule: Any) -> str:
        """Make calls go wrong, such as `add_fault("commit_late", account_id=…, seconds=2)`.

        Rules last until the end of the test; `processors/simulator/faults/` lists the kinds.
        Returns the rule's id.
        """
        added: str = self._post("faults", {"kind": kind, **rule})["id"]
        return added

    def clear_faults(self) -> None:
        """Remove all rules; wait for the end of an outage. Late calls are still carried out."""
        wait_until(self._try_to_clear_faults, seconds=60)

    def _try_to_clear_faults(self) -> bool:
        try:
            self._doors.delete("faults").raise_for_status()
        except httpx.TransportError:
            return False
        return True

    def fault_hits(self, account_id: str | None = None, *, after: int = 0) -> list[dict[str, Any]]:
        """Return which requests were hit, by which rule, oldest first."""
        return self._list("faults/hits", "hits", account_id, after)

    def act(self, door: str, **body: Any) -> dict[str, Any]:
        """Open any other door: `act("disputes", payment="ch_…", reason="fraudulent")`.

        `processors/simulator/control/__init__.py` lists them.
        """
        return self._post(door, body)

    def get(self, door: str) -> dict[str, Any]:
        """Read a door that lists something."""
        return _read(self._doors.get(door))

    def put(self, door: str, **body: Any) -> dict[str, Any]:
        """Make or replace what a door keeps."""
        return self._put(door, body)

    def change_account(self, account: SimulatedAccount, **settings: Any) -> dict[str, Any]:
        """Change some settings of an account; the vendor tells of what shows in it."""
        path = f"accounts/{account.processor}/{account.account_id}"
        return _read(self._doors.patch(path, json=settings))

    def reset(self) -> None:
        """Forget everything, the accounts of other tests included."""
        self._post("reset", {})

    def _list(
        self, door: str, name: str, account_id: str | None, after: int
    ) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = []
        limits = {"limit": _PAGE} | ({"account_id": account_id} if account_id else {})
        while True:
            page = self._doors.get(door, params={**limits, "after": after})
            found = page.raise_for_status().json()[name]
            rows += found
            if len(found) < _PAGE:
                return rows
            after = found[-1]["sequence"]

    def _put(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        return _read(self._doors.put(path, json=body))

    def _post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        return _read(self._doors.post(path, json=body))


def _read(answer: httpx.Response) -> dict[str, Any]:
    if answer.is_error:
        pytest.fail(f"The simulator refused: {answer.text}")
    body: dict[str, Any] = answer.json()
    return body


@pytest.fixture
def simulator(_running_simulator: Simulator) -> Iterator[Simulator]:
    """The simulator of this test process, without the faults of another test."""
    yield _running_simulator
    _running_simulator.clear_faults()
    _running_simulator.put_the_clock_right()


@pytest.fixture(scope="session")
def _running_simulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Simulator]:
    """Our adapters find it through the settings."""
    from processors.simulator.server import start  # slow to import, and few tests need it

    state = tmp_path_factory.mktemp("simulator") / "state.sqlite3"
    running = start(port=0, state=state)
    addresses = {
        "STRIPE_API_BASE": f"{running.url}/stripe",
        "SQUARE_API_BASE": f"{running.url}/square",
    }
    try:
        with override_settings(**addresses), Simulator(running.url) as simulator:
            yield simulator
    finally:
        running.stop()
