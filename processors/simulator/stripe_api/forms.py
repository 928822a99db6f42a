"""Stripe's form bodies: bracket notation to JSON, and what is wrong with it in Stripe's words."""

import re
from collections.abc import Sequence
from typing import Any
from urllib.parse import parse_qsl

from pydantic import ValidationError
from stripe import RequestOptions

from processors.simulator.messages import Json
from processors.simulator.parameters import Shape, shape_of_typed_dict
from processors.simulator.stripe_api.errors import StripeError, invalid

_INTEGER = re.compile(r"-?[0-9]+")
_FREE_FORM = {"metadata"}
# What the SDK lists but does not close; Stripe refuses any other value.
_CLOSED_CHOICES = ("capture_method", "confirmation_method", "cancellation_reason", "reason", "type")


def shape_of(parameters: type) -> Shape:
    """The shape of one of the SDK's `stripe.params` types."""
    return shape_of_typed_dict(parameters, without=RequestOptions)


def decode_form(text: str) -> Json:
    """`card[number]=4&expand[0]=charge` as nested dicts and lists."""
    decoded: Json = {}
    for name, value in parse_qsl(text, keep_blank_values=True):
        _put(decoded, _split(name), value)
    return {name: _to_lists(value, name) for name, value in decoded.items()}


def _split(name: str) -> list[str]:
    head, *rest = name.split("[")
    return [head, *(part.rstrip("]") for part in rest)]


def _put(target: Json, path: list[str], value: str) -> None:
    for part in path[:-1]:
        inner = target.setdefault(part or str(len(target)), {})
        if not isinstance(inner, dict):
            raise invalid(f"Invalid object: {path[0]}", param=path[0])
        target = inner
    target[path[-1] or str(len(target))] = value


def _to_lists(value: Any, name: str) -> Any:
    if not isinstance(value, dict):
        return value
    inner = {key: _to_lists(each, key) for key, each in value.items()}
    is_list = name not in _FREE_FORM and all(key.isdigit() for key in inner)
    return list(inner.values()) if is_list else inner


def read_form(text: str, shape: Shape) -> Json:
    """The parameters, checked against the SDK's own types.

    :raises StripeError: 400 naming the parameter.
    """
    given = decode_form(text)
    try:
        parameters = shape.validate(given)
    except ValidationError as error:
        raise _explain(error, given) from error
    _check_integers(given, parameters, "")
    _check_choices(parameters, shape)
    return parameters


def _check_integers(given: Any, checked: Any, param: str) -> None:
    """Refuse `75.00` where 75 is meant: pydantic takes it, Stripe does not."""
    if isinstance(checked, dict):
        for name, value in checked.items():
            _check_integers(given[name], value, f"{param}[{name}]" if param else name)
    elif isinstance(checked, list):
        for position, value in enumerate(checked):
            _check_integers(given[position], value, f"{param}[{position}]")
    elif type(checked) is int and not _INTEGER.fullmatch(str(given)):
        message = f"Invalid integer: {given}"
        raise invalid(message, code="parameter_invalid_integer", param=param)


def _check_choices(parameters: Json, shape: Shape) -> None:
    for name in _CLOSED_CHOICES:
        value = parameters.get(name)
        if not isinstance(value, str) or value == "" or name not in shape.choices:
            continue
        if value not in shape.choices[name]:
            listed = ", ".join(shape.choices[name])
            raise invalid(f"Invalid {name}: must be one of {listed}", param=name)


def _explain(error: ValidationError, given: Json) -> StripeError:
    # An unknown parameter says most, a missing one next: several branches of a union may complain.
    problems = sorted(error.errors(include_url=False), key=lambda each: _rank(each["type"]))
    problem = problems[0]
    param = _to_param(problem["loc"], given)
    kind, value = problem["type"], problem["input"]
    if kind == "extra_forbidden":
        return invalid(
            f"Received unknown parameter: {param}", code="parameter_unknown", param=param
        )
    if kind == "missing":
        return invalid(f"Missing required param: {param}.", code="parameter_missing", param=param)
    if value == "":
        message = f"You passed an empty string for '{param}'."
        return invalid(message, code="parameter_invalid_empty", param=param)
    if kind.startswith("int"):
        message = f"Invalid integer: {value}"
        return invalid(message, code="parameter_invalid_integer", param=param)
    noun = {"bool": "boolean", "list": "array", "dict": "object", "stri": "string"}.get(kind[:4])
    return invalid(f"Invalid {noun or 'value'}: {value}", param=param)


def _rank(kind: str) -> int:
    return {"extra_forbidden": 0, "missing": 1}.get(kind, 2)


def _to_param(location: Sequence[str | int], given: Any) -> str:
    """`metadata[key]` for a pydantic location, which also names the branches of unions."""
    names: list[str] = []
    last = len(location) - 1
    for position, part in enumerate(location):
        is_index = isinstance(given, list) and isinstance(part, int)
        if is_index or (isinstance(given, dict) and part in given):
            given = given[part]
        elif position < last or not isinstance(part, str) or not part.isidentifier():
            continue
        names.append(str(part))
    return names[0] + "".join(f"[{name}]" for name in names[1:]) if names else ""
