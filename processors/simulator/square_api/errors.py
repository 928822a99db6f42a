"""Refusals in Square's shape: a list of errors, each with a category and a code."""

from typing import Any

from processors.simulator.messages import Answer, Json, VendorError, json_answer

INVALID_REQUEST = "INVALID_REQUEST_ERROR"


def describe_error(
    code: str, detail: str, *, category: str = INVALID_REQUEST, field: str | None = None
) -> Json:
    error = {"category": category, "code": code, "detail": detail}
    return {**error, "field": field} if field else error


class SquareError(VendorError):
    """A request Square refuses; nothing it did is kept."""

    def __init__(
        self,
        status: int,
        code: str,
        detail: str,
        *,
        executed: bool = False,
        **fields: Any,
    ) -> None:
        error = describe_error(code, detail, **fields)
        super().__init__(json_answer(status, {"errors": [error]}), executed=executed)


def several_errors(status: int, errors: list[Json]) -> Answer:
    return json_answer(status, {"errors": errors})


def not_found(noun: str, object_id: str) -> SquareError:
    return SquareError(404, "NOT_FOUND", f"Could not find {noun} with id: {object_id}")


def bad_request(detail: str, *, field: str | None = None) -> SquareError:
    return SquareError(400, "BAD_REQUEST", detail, field=field)
