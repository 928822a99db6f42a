"""Which operation answers which address."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pydantic import BaseModel

from processors.simulator.messages import Answer, Json
from processors.simulator.parameters import Shape

if TYPE_CHECKING:
    from processors.simulator.call import Call

Result = Json | Answer | BaseModel
Operation = Callable[["Call"], Result]


@dataclass(frozen=True, slots=True)
class Route:
    """One line of a vendor's table; `{name}` in the pattern stands for one segment.

    An operation that itself waits for the network must not hold the state file: such a route is
    not `in_transaction`.
    """

    method: str
    pattern: str
    operation: Operation
    shape: Shape
    in_transaction: bool = True


class Routes:
    def __init__(self, routes: Iterable[Route]) -> None:
        self._by_length: dict[tuple[str, int], list[tuple[list[str], Route]]] = defaultdict(list)
        for route in routes:
            segments = route.pattern.split("/")
            self._by_length[route.method, len(segments)].append((segments, route))

    def find(self, method: str, path: str) -> tuple[Route, dict[str, str]] | None:
        """The first route that matches, with what its placeholders stand for."""
        given = path.split("/")
        for segments, route in self._by_length[method, len(given)]:
            ids = _match(segments, given)
            if ids is not None:
                return route, ids
        return None

    def knows_path(self, path: str) -> bool:
        """Whether the address answers to any method."""
        return any(self.find(method, path) for method in ("GET", "POST", "PUT", "DELETE"))


def _match(segments: list[str], given: list[str]) -> dict[str, str] | None:
    ids: dict[str, str] = {}
    for segment, value in zip(segments, given, strict=True):
        if segment.startswith("{") and value:
            ids[segment[1:-1]] = value
        elif segment != value:
            return None
    return ids
