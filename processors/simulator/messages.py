"""What travels between the socket and the operations."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
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


class Way(Enum):
    """How an answer travels, or that it does not."""

    WHOLE = "whole"
    CUT_SHORT = "cut short"
    BYTE_BY_BYTE = "byte by byte"
    HELD = "held"
    RESET = "reset"


@dataclass(frozen=True, slots=True)
class Sending:
    """`seconds`: how long a held connection is kept open, or between two bytes."""

    way: Way = Way.WHOLE
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Answer:
    """One HTTP answer. `body` is what goes over the wire."""

    status: int
    body: bytes
    content_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)
    sending: Sending = Sending()

    @property
    def is_sent(self) -> bool:
        """Whether the client gets any of it."""
        return self.sending.way not in (Way.HELD, Way.RESET)

    def with_headers(self, **headers: str) -> "Answer":
        """The same answer with more headers; `_` in a name stands for `-`."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        together = {**self.headers, **named}
        return Answer(self.status, self.body, self.content_type, together, self.sending)


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
