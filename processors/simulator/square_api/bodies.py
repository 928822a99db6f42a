"""Square's requests: JSON bodies and queries against the signatures of the SDK's methods."""

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl

from pydantic import ValidationError

from processors.simulator.messages import Json, Request, VendorError, read_json
from processors.simulator.parameters import Shape, shape_of_method
from processors.simulator.square_api.errors import SquareError, describe_error, several_errors

# From Square's specification; the SDK's types do not carry lengths.
_LONGEST = {
    "idempotency_key": 45,
    "reference_id": 40,
    "note": 500,
    "statement_description_identifier": 20,
    "buyer_email_address": 255,
    "reason": 192,
}
_WRONG_TYPES = {
    "bool": "EXPECTED_BOOLEAN",
    "int_": "EXPECTED_INTEGER",
    "floa": "EXPECTED_FLOAT",
    "stri": "EXPECTED_STRING",
    "dict": "EXPECTED_OBJECT",
    "list": "EXPECTED_ARRAY",
    "sequ": "EXPECTED_ARRAY",
}


def shape_of(method: Callable[..., Any], *in_path: str) -> Shape:
    """The shape of the SDK method's arguments, less those that are part of the address."""
    return shape_of_method(method, without=in_path)


def read_body(request: Request, shape: Shape) -> Json:
    """:raises VendorError: 400 with one error for each field that is wrong."""
    try:
        given = read_json(request.body)
    except ValueError as error:
        raise SquareError(400, "EXPECTED_JSON_BODY", f"Expected a JSON body: {error}") from error
    parameters = _validate(given, shape, unknown="UNKNOWN_BODY_PARAMETER")
    _check_lengths(parameters)
    return parameters


def read_query(request: Request, shape: Shape) -> Json:
    """:raises VendorError: 400 with one error for each parameter that is wrong."""
    given = dict(parse_qsl(request.query, keep_blank_values=True))
    return _validate(given, shape.relaxed(), unknown="UNKNOWN_QUERY_PARAMETER")


def _validate(given: Json, shape: Shape, *, unknown: str) -> Json:
    try:
        return shape.validate(given)
    except ValidationError as error:
        problems = error.errors(include_url=False)
        errors = [_explain(problem, unknown) for problem in problems]
        raise VendorError(several_errors(400, errors)) from error


def _explain(problem: Any, unknown: str) -> Json:
    field = ".".join(str(part) for part in problem["loc"])
    kind = problem["type"]
    if kind == "extra_forbidden":
        return describe_error(unknown, f"`{field}` is not known here.", field=field)
    if kind == "missing":
        detail = f"Field must be set: {field}"
        return describe_error("MISSING_REQUIRED_PARAMETER", detail, field=field)
    code = _WRONG_TYPES.get(kind[:4], "INVALID_VALUE")
    return describe_error(code, f"{problem['msg']} (got {problem['input']!r})", field=field)


def _check_lengths(parameters: Json) -> None:
    for name, longest in _LONGEST.items():
        value = parameters.get(name)
        if not isinstance(value, str):
            continue
        if len(value) > longest:
            detail = f"Field must not be greater than {longest} length"
            raise SquareError(400, "VALUE_TOO_LONG", detail, field=name)
        if name == "idempotency_key" and not value:
            raise SquareError(400, "VALUE_EMPTY", "Field must not be blank", field=name)
