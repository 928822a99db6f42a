"""The seam for misbehavior: where a request may be kept from going well.

`NoFaults` lets everything pass. The pipeline asks at three places, and the socket lets `send` put
the bytes on the wire, so a fault can be late, cut short, slow or a reset connection.
"""

import socket
from typing import Protocol

from processors.simulator.call import Call
from processors.simulator.messages import Answer


class Faults(Protocol):
    def before(self, call: Call) -> Answer | None:
        """Answer instead of the vendor, before any idempotency key is looked at."""

    def instead(self, call: Call) -> Answer | None:
        """Answer instead of the operation; the key remembers it, as Stripe does with a 500."""

    def after(self, call: Call, answer: Answer) -> Answer:
        """Change what was answered; what the operation did stays done."""

    def send(self, connection: socket.socket, message: bytes) -> None:
        """Put a complete HTTP answer on the wire, or less."""


class NoFaults:
    def before(self, call: Call) -> Answer | None:  # noqa: ARG002
        return None

    def instead(self, call: Call) -> Answer | None:  # noqa: ARG002
        return None

    def after(self, call: Call, answer: Answer) -> Answer:  # noqa: ARG002
        return answer

    def send(self, connection: socket.socket, message: bytes) -> None:
        connection.sendall(message)
