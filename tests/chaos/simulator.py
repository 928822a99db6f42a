"""The processor simulator's control doors, as the driver uses them."""

import time
from typing import Any

import httpx

from tests.chaos.waiting import pause

_PAGE = 1000


class Simulator:
    """Repeats a call while the simulator does not listen: an outage is one of its faults."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._doors = httpx.Client(base_url=f"{url}/_simulator/", trust_env=False, timeout=20)

    def is_up(self) -> bool:
        try:
            return self._doors.get("clock").status_code == 200
        except httpx.TransportError:
            return False

    def put_account(self, processor: str, account_id: str, **fields: Any) -> None:
        self._send("PUT", f"accounts/{processor}/{account_id}", fields).raise_for_status()

    def add_fault(self, rule: dict[str, Any]) -> str:
        added = self._send("POST", "faults", rule)
        if added.status_code != 201:
            raise ValueError(f"The simulator refused {rule}: {added.text}")
        return str(added.json()["id"])

    def remove_fault(self, fault_id: str) -> None:
        self._send("DELETE", f"faults/{fault_id}", None)

    def clear_faults(self) -> None:
        self._send("DELETE", "faults", None).raise_for_status()

    def describe_faults(self) -> dict[str, Any]:
        described: dict[str, Any] = self._send("GET", "faults", None).json()
        return described

    def list_hits(self) -> list[dict[str, Any]]:
        return self._list("faults/hits", "hits")

    def count_hits(self) -> int:
        """How often the rules in force have hit; 0 while it does not listen."""
        try:
            rules = self._doors.get("faults").json()["faults"]
        except (httpx.TransportError, ValueError):
            return 0
        return sum(rule["hits"] for rule in rules)

    def list_movements(self) -> list[dict[str, Any]]:
        return self._list("journal", "movements")

    def list_requests(self) -> list[dict[str, Any]]:
        return self._list("requests", "requests")

    def set_event_policy(self, policy: dict[str, Any]) -> None:
        """What becomes of events on their way from now on."""
        self._send("POST", "deliveries/policy", policy).raise_for_status()

    def release_events(self, **sending: Any) -> int:
        """Let held events go; how many deliveries."""
        released = self._send("POST", "deliveries/release", sending).raise_for_status()
        return int(released.json()["deliveries"])

    def list_deliveries(self) -> list[dict[str, Any]]:
        return self._list("deliveries", "deliveries")

    def sell(self, sale: dict[str, Any]) -> dict[str, Any]:
        """Take a sale at a terminal; the processor's own object."""
        sold: dict[str, Any] = self._send("POST", "terminal_sales", sale).raise_for_status().json()
        return sold

    def refund(self, payment: str, **terms: Any) -> str | None:
        """Refund in the processor's dashboard; its name, or None where that refuses."""
        made = self._send("POST", "refunds", {"payment": payment, **terms})
        return str(made.json()["id"]) if made.status_code == 201 else None

    def authenticate(self, intent_id: str, *, succeeds: bool) -> bool:
        """Answer for the card holder's bank; False when nothing is asked of him now."""
        outcome = {"outcome": "succeed" if succeeds else "fail"}
        return self._send("POST", f"authenticate/{intent_id}", outcome).status_code == 200

    def list_at_stripe(self, name: str, secret: str) -> list[dict[str, Any]]:
        """All of a collection, as any client of Stripe's would."""
        found: list[dict[str, Any]] = []
        while True:
            after = f"&starting_after={found[-1]['id']}" if found else ""
            page = self._ask(f"stripe/v1/{name}?limit=100{after}", secret)
            found += page["data"]
            if not page["has_more"]:
                return found

    def list_at_square(self, name: str, secret: str) -> list[dict[str, Any]]:
        """All of a collection, as any client of Square's would."""
        found: list[dict[str, Any]] = []
        cursor = ""
        while True:
            page = self._ask(f"square/v2/{name}?limit=100{cursor}", secret)
            found += page.get(name, [])
            if not page.get("cursor"):
                return found
            cursor = f"&cursor={page['cursor']}"

    def _ask(self, path: str, secret: str) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {secret}"}
        answer = self._doors.get(f"{self._url}/{path}", headers=headers)
        said: dict[str, Any] = answer.raise_for_status().json()
        return said

    def _list(self, door: str, name: str) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = []
        after = 0
        while True:
            page = self._send("GET", f"{door}?limit={_PAGE}&after={after}", None)
            found = page.raise_for_status().json()[name]
            rows += found
            if len(found) < _PAGE:
                return rows
            after = found[-1]["sequence"]

    def _send(self, method: str, path: str, body: dict[str, Any] | None) -> httpx.Response:
        deadline = time.monotonic() + 60
        while True:
            try:
                return self._doors.request(method, path, json=body)
            except httpx.TransportError:
                if time.monotonic() > deadline:
                    raise
                pause(0.2)
