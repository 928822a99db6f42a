"""What a planted defect is."""

from dataclasses import dataclass

SYNC = "sync"
COLLECTIONS = "collections"


@dataclass(frozen=True, slots=True)
class Edit:
    path: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Mutant:
    """`lean`: which kinds of faults and acts lead to its path; see `leans`. Of `SYNC` past
    transactions are read instead, of `COLLECTIONS` weeks of sales are collected."""

    name: str
    edits: tuple[Edit, ...]
    lean: str = "even"
