"""What travels between the socket and the operations."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from pydantic_core import from_json, to_json

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP request, read completely. Header names are lower case."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes
    base_url: str


@dataclass(frozen=True, slots=True)
class Answer:
    """One HTTP answer. `body` is what goes over the wire."""

    status: int
    body: bytes
    content_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)

    def with_headers(self, **headers: str) -> "Answer":
        """The same answer with more headers; `_` in a name stands for `-`."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return Answer(self.status, self.body, self.content_type, {**self.headers, **named})


def json_answer(status: int, body: object) -> Answer:
    return Answer(status, to_json(body))


def html_answer(status: int, page: str) -> Answer:
    return Answer(status, page.encode(), "text/html; charset=utf-8")


def read_json(body: bytes) -> Json:
    """The JSON object in a body; an empty body is an empty object.

    :raises ValueError: it is not JSON, or not an object.
    """
    if not body:
        return {}
    read = from_json(body)
    if not isinstance(read, dict):
        raise ValueError("The body must be a JSON object.")  # noqa: TRY004 - callers expect one
    return cast(Json, read)


class VendorError(Exception):
    """A refusal in the vendor's own words; what the operation wrote is rolled back.

    `executed` tells that the vendor had started to work on the request, so that
    an idempotency key remembers the refusal.
    """

    def __init__(self, answer: Answer, *, executed: bool = False) -> None:
        super().__init__(answer.body.decode())
        self.answer = answer
        self.executed = executed
