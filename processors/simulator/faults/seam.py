"""The seam for misbehavior: where a request may be kept from going well.

The pipeline asks `Faults` once for each call that it understood, and the `Fault` it gets at four
places. How the answer travels, or that none does, is the answer's `sending`.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from processors.simulator.messages import Answer
from processors.simulator.routing import Route

if TYPE_CHECKING:
    from processors.simulator.call import Call


@dataclass(frozen=True, slots=True)
class Sighting:
    """A call as a rule may match it. `path` is below the vendor's prefix."""

    call: "Call"
    route: Route
    path: str
    request_sequence: int


class Fault(Protocol):
    @property
    def name(self) -> str | None:
        """What the journal calls it; None when nothing goes wrong."""

    @property
    def late_seconds(self) -> float | None:
        """How much later the operation is carried out, instead of now."""

    def before(self, call: "Call") -> Answer | None:
        """Answer instead of the vendor, before any idempotency key is looked at."""

    def instead(self, call: "Call") -> Answer | None:
        """Answer instead of the operation; the key remembers it, as Stripe does with a 500."""

    def stored(self, call: "Call", answer: Answer) -> Answer:
        """Change what is answered and remembered; what the operation did stays done."""

    def after(self, call: "Call", answer: Answer) -> Answer:
        """Change what is answered; the key remembers the truth."""


class Faults(Protocol):
    def choose(self, sighting: Sighting) -> Fault:
        """Decide what happens to this call."""

    def take_outage_seconds(self) -> float | None:
        """For how long to stop listening; asked many times a second, told once."""


class NoFaults:
    """Lets everything pass: the fault that does nothing, and the one who chooses only that."""

    name: str | None = None
    late_seconds: float | None = None

    def choose(self, sighting: Sighting) -> Fault:  # noqa: ARG002
        return self

    def take_outage_seconds(self) -> float | None:
        return None

    def before(self, call: "Call") -> Answer | None:  # noqa: ARG002
        return None

    def instead(self, call: "Call") -> Answer | None:  # noqa: ARG002
        return None

    def stored(self, call: "Call", answer: Answer) -> Answer:  # noqa: ARG002
        return answer

    def after(self, call: "Call", answer: Answer) -> Answer:  # noqa: ARG002
        return answer


NO_FAULTS = NoFaults()
