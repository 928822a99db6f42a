"""The processor simulator's control doors, for demo data only."""

import json
from collections.abc import Sequence
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

from django.conf import settings

from bookedbarber.foundation.errors import Unavailable

TIMEOUT_SECONDS = 60


class SimulatorNotReached(Unavailable):
    """The processor simulator does not answer."""


def put_account(processor: str, account_id: str, **fields: Any) -> None:
    """Make an account there, or change it.

    :raises SimulatorNotReached: it does not answer, or refuses.
    """
    _send("PUT", f"accounts/{processor}/{account_id}", fields)


def put_application(processor: str, client_id: str, **fields: Any) -> None:
    """Make our application there, or change it.

    :raises SimulatorNotReached: it does not answer, or refuses.
    """
    _send("PUT", f"applications/{processor}/{client_id}", fields)


def record_past_sales(
    processor: str, account_id: str, sales: Sequence[dict[str, Any]]
) -> list[dict[str, Any]]:
    """Make past sales, at most 1,000; answers the processor's own objects in the same order.

    :raises SimulatorNotReached: it does not answer, or refuses.
    """
    body = {"processor": processor, "account_id": account_id, "sales": list(sales)}
    answer: list[dict[str, Any]] = _send("POST", "sales", body)["sales"]
    return answer


def _send(method: str, path: str, body: dict[str, Any]) -> dict[str, Any]:
    request = Request(
        f"{settings.SIMULATOR_URL}/_simulator/{path}",
        data=json.dumps(body).encode(),
        headers={"Content-Type": "application/json"},
        method=method,
    )
    try:
        with urlopen(request, timeout=TIMEOUT_SECONDS) as answer:
            read: dict[str, Any] = json.load(answer)
            return read
    except HTTPError as error:
        raise SimulatorNotReached(f"The simulator refused {path}: {error.read()!r}") from error
    except URLError as error:
        raise SimulatorNotReached(f"{settings.SIMULATOR_URL}: {error.reason}") from error
