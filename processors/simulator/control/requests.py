"""Reading what is sent to a control door, and saying what is wrong with it."""

from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import parse_qsl

from pydantic import BaseModel, ValidationError

from processors.simulator.messages import Answer, Json, Request, json_answer, read_json
from processors.simulator.simulation import Simulation

Model = TypeVar("Model", bound=BaseModel)


class BadRequest(Exception):
    """The request makes no sense; `field` says where."""

    def __init__(self, message: str, field: str | None = None, status: int = 400) -> None:
        super().__init__(message)
        self.field = field
        self.status = status

    def to_answer(self) -> Answer:
        return json_answer(self.status, {"error": {"message": str(self), "field": self.field}})


def read_model(model: type[Model], given: Json) -> Model:
    """:raises BadRequest: naming the first field that is wrong."""
    try:
        return model.model_validate(given)
    except ValidationError as error:
        problem = error.errors(include_url=False)[0]
        field = ".".join(str(part) for part in problem["loc"])
        raise BadRequest(f"{field}: {problem['msg']}", field) from error


def read_fields(request: Request) -> Json:
    """A JSON object, or the fields of a form on the page.

    :raises BadRequest: it is neither.
    """
    if request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        return dict(parse_qsl(request.body.decode(errors="replace")))
    try:
        return read_json(request.body)
    except ValueError as error:
        raise BadRequest(f"The body is not a JSON object: {error}") from error


def is_form(request: Request) -> bool:
    """Whether a person sent this from the page, and wants to see a page again."""
    return "text/html" in request.headers.get("accept", "")


@dataclass(frozen=True, slots=True)
class Visit:
    """One request to a door; `rest` is what its address has behind the door's name."""

    simulation: Simulation
    request: Request
    rest: str


class Window(BaseModel):
    """Which part of a journal is asked for."""

    after: int = 0
    limit: int = 1000
    account_id: str | None = None


def read_window(request: Request) -> Window:
    """:raises BadRequest: naming the parameter."""
    given: dict[str, Any] = dict(parse_qsl(request.query))
    window = read_model(Window, given)
    if not 1 <= window.limit <= 10_000:
        raise BadRequest("limit: is not between 1 and 10,000", "limit")
    return window
