"""Durations as RFC 3339 writes them: `PT36H`, `P7D`, `P1DT12H30M`."""

import re

_PATTERN = re.compile(
    r"P(?:(?P<weeks>\d+)W)?(?:(?P<days>\d+)D)?"
    r"(?:T(?:(?P<hours>\d+)H)?(?:(?P<minutes>\d+)M)?(?:(?P<seconds>\d+)S)?)?"
)
_SECONDS = {"weeks": 604_800, "days": 86_400, "hours": 3_600, "minutes": 60, "seconds": 1}


def read_duration(text: str) -> int:
    """Milliseconds of a duration.

    :raises ValueError: it is none, or has no length.
    """
    matched = _PATTERN.fullmatch(text)
    seconds = 0
    if matched:
        seconds = sum(int(matched[unit] or 0) * length for unit, length in _SECONDS.items())
    if not seconds:
        raise ValueError(f"{text} is not a duration")
    return seconds * 1000
