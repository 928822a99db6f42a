"""How a vendor says that something is wrong with it, or with the way it is called."""

from dataclasses import dataclass

from processors.simulator.messages import Answer


@dataclass(frozen=True, slots=True)
class Failures:
    """Answers in the vendor's own words, for a fault to give."""

    server_error: Answer
    unavailable: Answer
    rate_limited: Answer
    conflict: Answer
    revoked_token: Answer
