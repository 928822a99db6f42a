"""Measuring two things in turns, so that what slows the machine slows both."""

from collections.abc import Callable
from typing import TypeVar

R = TypeVar("R")


def take_turns(
    ours: Callable[[], R], floor: Callable[[], R], *, rounds: int
) -> tuple[list[R], list[R]]:
    """Run ours, floor, ours, floor … `rounds` times each, after one round that is thrown away."""
    ours()
    floor()
    results: tuple[list[R], list[R]] = ([], [])
    for _ in range(rounds):
        results[0].append(ours())
        results[1].append(floor())
    return results
