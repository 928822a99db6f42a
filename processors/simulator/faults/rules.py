"""What a fault rule may say. `faults/__init__.py` tells what each kind does."""

import random
from fnmatch import fnmatchcase
from typing import Annotated, Any, Literal, get_args

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    ValidationInfo,
    field_validator,
    model_validator,
)

from processors.simulator.faults.operations import Operation, find_operation
from processors.simulator.faults.seam import Sighting
from processors.simulator.routing import Route

Kind = Literal[
    "time_out_before",
    "time_out_after",
    "commit_late",
    "error_before",
    "error_after",
    "stored_error",
    "stored_error_after",
    "rate_limited",
    "conflict",
    "garbage",
    "truncated",
    "other_object",
    "other_amount",
    "other_currency",
    "slow",
    "connection_refused",
    "reset_before",
    "reset_after",
    "revoked_token",
    "account_down",
]
KINDS: tuple[str, ...] = get_args(Kind)
ALWAYS = "always"

_DEFAULT_SECONDS: dict[str, float | None] = {
    "time_out_before": 120.0,
    "time_out_after": 120.0,
    "commit_late": 5.0,
    "slow": 1.0,
    "rate_limited": None,
    "connection_refused": None,
    "account_down": None,
}
_MAY_HOLD = ("commit_late", "account_down")
# They are about what a key remembers or when work is done; a question does no work.
_FOR_CHANGES_ONLY = ("commit_late", "stored_error", "stored_error_after")


class FaultRule(BaseModel):
    """Which calls go wrong and how; what is not said matches everything.

    `path`: a glob on the address below the vendor's prefix, such as `/v1/payment_intents*`.
    `skip`: so many matching calls pass first. `times`: how often it hits, null (or "always") for
    until it is removed. `probability`, `seed`: the decision about the n-th call after the skipped
    ones depends on the seed and n only, so a run can be repeated. `seconds`, `held`: see the kind.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Kind
    seconds: Annotated[float, Field(gt=0, le=3600)] | None = None
    held: bool = False
    processor: Literal["stripe", "square"] | None = None
    account_id: str | None = None
    method: Literal["GET", "POST", "PUT", "DELETE"] | None = None
    path: str | None = None
    operation: Operation | None = None
    skip: Annotated[int, Field(ge=0)] = 0
    times: Annotated[int, Field(ge=1)] | None = 1
    probability: Annotated[float, Field(gt=0, le=1)] = 1.0
    seed: int = 0

    @model_validator(mode="before")
    @classmethod
    def _fill_in(cls, given: Any) -> Any:
        if not isinstance(given, dict):
            return given
        filled = dict(given)
        if filled.get("kind") == "account_down":
            filled.setdefault("times", None)
        if filled.get("times") == ALWAYS:
            filled["times"] = None
        if isinstance(filled.get("method"), str):
            filled["method"] = filled["method"].upper()
        return filled

    @field_validator("seconds")
    @classmethod
    def _seconds_mean_something(cls, seconds: float | None, known: ValidationInfo) -> float | None:
        kind = known.data.get("kind")
        if seconds is not None and kind and kind not in _DEFAULT_SECONDS:
            raise ValueError(f"{kind} takes no seconds")
        return seconds

    @field_validator("held")
    @classmethod
    def _holding_means_something(cls, held: bool, known: ValidationInfo) -> bool:
        kind = known.data.get("kind")
        if held and kind and kind not in _MAY_HOLD:
            raise ValueError(f"only {' and '.join(_MAY_HOLD)} can be held")
        return held

    @field_validator(
        "processor", "account_id", "method", "path", "operation", "skip", "times", "probability"
    )
    @classmethod
    def _an_outage_is_for_all(cls, value: Any, known: ValidationInfo) -> Any:
        if known.data.get("kind") == "connection_refused" and known.data.get("seconds"):
            raise ValueError("who does not listen cannot choose calls; leave this or seconds away")
        return value

    @property
    def is_outage(self) -> bool:
        """Whether the whole simulator stops listening."""
        return self.kind == "connection_refused" and self.seconds is not None

    def get_seconds(self) -> float | None:
        return _DEFAULT_SECONDS.get(self.kind) if self.seconds is None else self.seconds

    def matches(self, sighting: Sighting) -> bool:
        account, route = sighting.call.account, sighting.route
        return (
            not self.is_outage
            and self.processor in (None, account.processor)
            and self.account_id in (None, account.account_id)
            and self.method in (None, route.method)
            and (self.path is None or fnmatchcase(sighting.path, self.path))
            and (self.operation is None or self.operation == find_operation(route))
            and (self.kind not in _FOR_CHANGES_ONLY or _changes_something(route))
        )

    def decides_for(self, number: int) -> bool:
        """Whether the matching call with this number, counted from 1, is hit."""
        if number <= self.skip:
            return False
        if self.probability >= 1:
            return True
        drawn = random.Random(f"{self.seed}:{number - self.skip}").random()
        return drawn < self.probability


def _changes_something(route: Route) -> bool:
    return route.method != "GET" and route.in_transaction
