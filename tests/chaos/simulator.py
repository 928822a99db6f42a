"""The processor simulator's control doors, as the driver uses them."""

import time
from typing import Any

import httpx

_PAGE = 1000


class Simulator:
    """Repeats a call while the simulator does not listen: an outage is one of its faults."""

    def __init__(self, url: str) -> None:
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

    def list_movements(self) -> list[dict[str, Any]]:
        return self._list("journal", "movements")

    def list_requests(self) -> list[dict[str, Any]]:
        return self._list("requests", "requests")

    def authenticate(self, intent_id: str, *, succeeds: bool) -> bool:
        """Answer for the card holder's bank; False when nothing is asked of him now."""
        outcome = {"outcome": "succeed" if succeeds else "fail"}
        return self._send("POST", f"authenticate/{intent_id}", outcome).status_code == 200

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
                time.sleep(0.2)
