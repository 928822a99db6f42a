"""A Stripe that answers at once: every charge succeeds. `python -m … PORT`."""

import asyncio
import json
import sys
from itertools import count
from typing import Any
from urllib.parse import parse_qsl

from bookedbarber.launch.ports import HOST

FEE_PERCENT, FEE_FIXED_MINOR = 2.9, 30
CREATED = 1_800_000_000

_numbers = count(1)


class Processor(asyncio.Protocol):
    """One connection, kept open."""

    def __init__(self) -> None:
        self._received = bytearray()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport: Any = transport

    def data_received(self, data: bytes) -> None:
        self._received += data
        while (request := self._take_request()) is not None:
            self._transport.write(_answer(request))

    def _take_request(self) -> bytes | None:
        """The body of the next whole request, empty for one without."""
        end = self._received.find(b"\r\n\r\n")
        if end < 0:
            return None
        length = _get_length(bytes(self._received[:end]))
        if len(self._received) < end + 4 + length:
            return None
        body = bytes(self._received[end + 4 : end + 4 + length])
        del self._received[: end + 4 + length]
        return body


def _get_length(head: bytes) -> int:
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return int(line.split(b":")[1])
    return 0


def _answer(body: bytes) -> bytes:
    text = json.dumps(_build_intent(dict(parse_qsl(body.decode()))) if body else {})
    head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(text)}"
    return f"{head}\r\n\r\n{text}".encode()


def _build_intent(form: dict[str, str]) -> dict[str, Any]:
    number, amount, currency = next(_numbers), int(form["amount"]), form["currency"]
    metadata = {name[9:-1]: form[name] for name in form if name.startswith("metadata[")}
    return {
        "id": f"pi_{number}",
        "object": "payment_intent",
        "amount": amount,
        "currency": currency,
        "status": "succeeded",
        "metadata": metadata,
        "latest_charge": {
            "id": f"ch_{number}",
            "object": "charge",
            "amount": amount,
            "amount_captured": amount,
            "amount_refunded": 0,
            "balance_transaction": {
                "id": f"txn_{number}",
                "object": "balance_transaction",
                "fee": round(amount * FEE_PERCENT / 100) + FEE_FIXED_MINOR,
                "currency": currency,
                "available_on": CREATED + 172_800,
            },
            "captured": True,
            "created": CREATED,
            "currency": currency,
            "disputed": False,
            "metadata": metadata,
            "payment_intent": f"pi_{number}",
            "payment_method_details": {"type": "card", "card": {"last4": "4242"}},
            "refunded": False,
            "status": "succeeded",
        },
    }


async def _serve(port: int) -> None:
    server = await asyncio.get_running_loop().create_server(Processor, HOST, port)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_serve(int(sys.argv[1])))
