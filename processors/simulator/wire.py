"""Putting answers on the wire: whole, or as a fault wants it.

Whoever waits here waits for its own client only, and no longer than that client stays or the
simulator runs.
"""

import selectors
import socket
import struct
import time
from typing import Self

from processors.simulator.messages import Sending, Way

# On, zero seconds: closing throws away what is unsent and tells the client with a reset.
_LINGER = struct.pack("ii", 1, 0)


class Wire:
    def __init__(self) -> None:
        self._waiting_end, self._stopping_end = socket.socketpair()

    def send(self, connection: socket.socket, message: bytes, sending: Sending) -> None:
        """Send the answer, or less. Unless it is sent whole, the connection is over then.

        :raises OSError: the client has gone.
        """
        match sending.way:
            case Way.WHOLE:
                connection.sendall(message)
            case Way.CUT_SHORT:
                connection.sendall(message[: _find_middle_of_body(message)])
            case Way.BYTE_BY_BYTE:
                self._drip(connection, message, sending.seconds)
            case Way.HELD:
                with self._watch(connection) as watch:
                    watch.is_abandoned_within(sending.seconds)
            case Way.RESET:
                reset(connection)

    def _drip(self, connection: socket.socket, message: bytes, seconds: float) -> None:
        with self._watch(connection) as watch:
            for position in range(len(message)):
                connection.sendall(message[position : position + 1])
                if watch.is_abandoned_within(seconds):
                    return

    def _watch(self, connection: socket.socket) -> "_Watch":
        return _Watch(connection, self._waiting_end)

    def release(self) -> None:
        """End all waiting, for good."""
        self._stopping_end.close()

    def close(self) -> None:
        """After the last one has stopped waiting."""
        self._stopping_end.close()
        self._waiting_end.close()


class _Watch:
    """Waits at a connection until its client has gone or the simulator stops."""

    def __init__(self, connection: socket.socket, stopping: socket.socket) -> None:
        self._connection = connection
        self._stopping = stopping
        self._selector = selectors.DefaultSelector()
        for each in (connection, stopping):
            self._selector.register(each, selectors.EVENT_READ)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_failure: object) -> None:
        self._selector.close()

    def is_abandoned_within(self, seconds: float) -> bool:
        """Wait so long, or until nobody needs it any more."""
        deadline = time.monotonic() + seconds
        while (left_seconds := deadline - time.monotonic()) > 0:
            ready = [key.fileobj for key, _ in self._selector.select(left_seconds)]
            if self._stopping in ready:
                return True
            if self._connection in ready:
                if _has_ended(self._connection):
                    return True
                # It sends on without an answer; that would wake us for ever.
                self._selector.unregister(self._connection)
        return False


def reset(connection: socket.socket) -> None:
    """End the connection with a reset instead of an orderly close."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER)
    # Not `close()`: that waits for the files made of the socket, and the server shuts down first.
    socket.close(connection.detach())


def _find_middle_of_body(message: bytes) -> int:
    start = message.index(b"\r\n\r\n") + 4
    return start + (len(message) - start) // 2


def _has_ended(connection: socket.socket) -> bool:
    try:
        return connection.recv(1, socket.MSG_PEEK) == b""
    except OSError:
        return True
