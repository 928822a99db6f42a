"""Somebody who uses the API over HTTP, as any client would."""

import json
from dataclasses import dataclass
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

from bookedbarber.foundation.errors import Unavailable
from bookedbarber.foundation.ids import new_public_id

TIMEOUT_SECONDS = 30


class NotServed(Unavailable):
    """The API does not answer."""


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    body: dict[str, Any]


class Visitor:
    """Logs in once and then sends JSON."""

    def __init__(self, url: str, *, email: str, password: str) -> None:
        """
        :raises NotServed: nobody answers at `url`, or the login is refused.
        """
        self._url = url.rstrip("/")
        self._headers = {"Content-Type": "application/json"}
        login = self.post("/auth/token", {"email": email, "password": password})
        if login.status != 200:
            raise NotServed(f"{email} could not log in: {login.status} {login.body}")
        self._headers["Authorization"] = f"Bearer {login.body['access']}"

    def get(self, path: str) -> Answer:
        return self._send("GET", path, None)

    def post(self, path: str, body: dict[str, Any]) -> Answer:
        return self._send("POST", path, body)

    def _send(self, method: str, path: str, body: dict[str, Any] | None) -> Answer:
        data = None if body is None else json.dumps(body).encode()
        request = Request(
            f"{self._url}/api/v1{path}",
            data=data,
            headers=self._headers | {"Idempotency-Key": new_public_id("chk")},
            method=method,
        )
        try:
            with urlopen(request, timeout=TIMEOUT_SECONDS) as answer:
                return Answer(answer.status, json.load(answer))
        except HTTPError as error:
            return Answer(error.code, json.load(error))
        except (URLError, TimeoutError) as error:
            raise NotServed(f"{self._url} does not answer: {error}") from error
