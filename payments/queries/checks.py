"""What a check of the books is."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Check:
    """`holds` is the invariant in words, `offences` the statement that finds what breaks it."""

    name: str
    holds: str
    offences: str


@dataclass(frozen=True, slots=True)
class Offence:
    check: str
    what: str
    expected: str
    found: str
