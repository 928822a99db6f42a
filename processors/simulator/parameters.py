"""Request shapes taken from the SDKs' own types, as pydantic validators.

The SDKs' TypedDicts say which fields exist, of which type, and which are required. A `Shape` holds
such a set of fields and builds its validator the first time it is needed: the large ones take a
tenth of a second.
"""

import inspect
import sys
from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any, Literal, NotRequired, Required, get_args, get_origin

from pydantic import ConfigDict, TypeAdapter, with_config
from typing_extensions import TypedDict, get_type_hints

from processors.simulator.messages import Json

Fields = Mapping[str, Any]


class Shape:
    """What one operation accepts.

    `load_fields` returns each field with its type, `NotRequired` where it may be missing.
    `is_strict`: JSON has types, so "1" is no number; a form has only text, so it is one.
    """

    def __init__(self, name: str, load_fields: Callable[[], Fields], *, is_strict: bool) -> None:
        self._name = name
        self._load_fields = load_fields
        self._is_strict = is_strict

    @cached_property
    def fields(self) -> Fields:
        return self._load_fields()

    @cached_property
    def _adapter(self) -> TypeAdapter[Any]:
        make: Any = TypedDict
        body = make(self._name, dict(self.fields))
        # The SDK also lets a caller pass back its own object classes; no request carries one.
        config = ConfigDict(extra="forbid", strict=self._is_strict, arbitrary_types_allowed=True)
        return TypeAdapter(with_config(config)(body))

    def validate(self, given: Json) -> Json:
        """The parameters with their types.

        :raises pydantic.ValidationError: they do not have this shape.
        """
        checked: Json = self._adapter.validate_python(given)
        return checked

    def relaxed(self) -> "Shape":
        """The same fields for a query, where everything is text."""
        return self._relaxed

    @cached_property
    def _relaxed(self) -> "Shape":
        return Shape(self._name, self._load_fields, is_strict=False)

    @cached_property
    def choices(self) -> Mapping[str, tuple[str, ...]]:
        """The values the SDK lists for a field, where it lists any."""
        found = {name: tuple(_find_literals(hint)) for name, hint in self.fields.items()}
        return {name: values for name, values in found.items() if values}


def shape_of_typed_dict(typed_dict: type, without: type | None = None) -> Shape:
    """The shape of a TypedDict, less the keys of another one (the SDK's request options)."""

    def load() -> Fields:
        left_out = set(without.__annotations__) if without else set()
        kept = {
            name: hint for name, hint in typed_dict.__annotations__.items() if name not in left_out
        }
        # Only what is kept is looked up: the request options name classes of other modules.
        names = vars(sys.modules[typed_dict.__module__])
        holder = type("_Kept", (), {"__annotations__": kept})
        hints = get_type_hints(holder, names, include_extras=True)
        required: frozenset[str] = typed_dict.__required_keys__  # type: ignore[attr-defined]
        return {name: _mark(hint, name in required) for name, hint in hints.items()}

    return Shape(typed_dict.__name__, load, is_strict=False)


def shape_of_method(method: Callable[..., Any], *, without: tuple[str, ...] = ()) -> Shape:
    """The shape of an SDK method's keyword arguments."""

    def load() -> Fields:
        hints = get_type_hints(method, include_extras=True)
        parameters = inspect.signature(method).parameters
        return {
            name: _mark(hints[name], parameter.default is inspect.Parameter.empty)
            for name, parameter in parameters.items()
            if name not in ("self", "request_options", *without)
        }

    return Shape(method.__qualname__.replace(".", "_"), load, is_strict=True)


def _mark(hint: Any, is_required: bool) -> Any:
    bare = get_args(hint)[0] if get_origin(hint) in (NotRequired, Required) else hint
    return bare if is_required else NotRequired[bare]


def _find_literals(hint: Any) -> list[str]:
    if get_origin(hint) is Literal:
        return [value for value in get_args(hint) if isinstance(value, str) and value]
    return [value for part in get_args(hint) for value in _find_literals(part)]
