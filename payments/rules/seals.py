"""The hash of a closed day of the ledger, so that nobody can change its past unnoticed. Pure.

All hashes are SHA-256, written as 64 hexadecimal digits; texts are hashed as UTF-8.

    leaf   of each ledger transaction that was booked on the day, by id: hash of the byte 0 and its
           canonical text, the JSON object with sorted keys, no spaces, and ASCII only
    root   of the leaves as the Merkle tree of RFC 6962, section 2.1: two neighbors are one by the
           hash of the byte 1 and both hashes; of no leaf at all it is the hash of nothing
    seal   hash of the canonical text of {"day", "environment", "previous", "root",
           "transactions"}; `previous` is the seal of the day before, zeros for the first

A tree instead of one long text: whoever holds the seal can be shown that a transaction is in it,
by its neighbors' hashes alone, without seeing what others did.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

NO_PREVIOUS = "0" * 64


@dataclass(frozen=True, slots=True)
class Neighbor:
    """A hash on the way from a leaf to the root, and on which side of us it stands."""

    side: str
    hash: str


@dataclass(slots=True)
class _Subtree:
    """A full tree over `size` leaves (a power of two), and which watched ones are among them."""

    hash: bytes
    size: int
    watched: tuple[int, ...]


class HashTree:
    """A tree that grows leaf by leaf; it holds one hash for each level, whatever its size."""

    def __init__(self) -> None:
        self.size = 0
        self._full: list[_Subtree] = []
        self._paths: dict[int, list[Neighbor]] = {}

    def add(self, text: str, *, watch: int | None = None) -> None:
        """Add the next leaf; under the number `watch` its path will be known."""
        watched = () if watch is None else (watch,)
        self._paths |= {number: [] for number in watched}
        self._full.append(_Subtree(_hash_leaf(text), 1, watched))
        self.size += 1
        while len(self._full) > 1 and self._full[-1].size == self._full[-2].size:
            self._join_last()

    def close(self) -> str:
        """The root. Nothing may be added afterwards."""
        while len(self._full) > 1:
            self._join_last()
        return self._full[0].hash.hex() if self._full else hashlib.sha256().hexdigest()

    def get_path(self, watch: int) -> Sequence[Neighbor]:
        """Of a closed tree: the neighbors of a watched leaf, from the leaf up."""
        return self._paths[watch]

    def _join_last(self) -> None:
        right, left = self._full.pop(), self._full.pop()
        for number in left.watched:
            self._paths[number].append(Neighbor("right", right.hash.hex()))
        for number in right.watched:
            self._paths[number].append(Neighbor("left", left.hash.hex()))
        joined = _hash_pair(left.hash, right.hash)
        self._full.append(_Subtree(joined, left.size + right.size, left.watched + right.watched))


def climb(text: str, path: Sequence[Neighbor]) -> str:
    """The root that a leaf with this path belongs to."""
    current = _hash_leaf(text)
    for neighbor in path:
        other = bytes.fromhex(neighbor.hash)
        pair = (current, other) if neighbor.side == "right" else (other, current)
        current = _hash_pair(*pair)
    return current.hex()


def seal_day(*, environment: str, day: date, previous: str, transactions: int, root: str) -> str:
    """The seal of one closed day."""
    sealed = {
        "day": day.isoformat(),
        "environment": environment,
        "previous": previous,
        "root": root,
        "transactions": transactions,
    }
    return hashlib.sha256(to_canonical(sealed).encode()).hexdigest()


# Made once: a day has many transactions.
_CANONICAL = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=True)


def to_canonical(value: Mapping[str, object]) -> str:
    return _CANONICAL.encode(value)


def to_canonical_moment(moment: datetime) -> str:
    """Always with six digits of a second, in UTC: 2026-11-22T10:00:00.000000Z."""
    in_utc = moment.astimezone(UTC).replace(tzinfo=None)
    return in_utc.isoformat(timespec="microseconds") + "Z"


def _hash_leaf(text: str) -> bytes:
    return hashlib.sha256(b"\x00" + text.encode()).digest()


def _hash_pair(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()
