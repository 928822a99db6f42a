"""The table of ratios."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

HEADINGS = ("benchmark", "ours", "floor", "ratio: median [range]", "aim", "reached")


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One figure, round by round. `at_most`: a smaller ratio is better."""

    name: str
    unit: str
    ours: Sequence[float]
    floor: Sequence[float]
    aim: float
    at_most: bool = False

    @property
    def ratios(self) -> list[float]:
        return [ours / floor for ours, floor in zip(self.ours, self.floor, strict=True)]

    @property
    def ratio(self) -> float:
        return median(self.ratios)

    @property
    def is_reached(self) -> bool:
        return self.ratio <= self.aim if self.at_most else self.ratio >= self.aim


def format_table(rows: Sequence[Row]) -> str:
    table = [HEADINGS, *(_to_cells(row) for row in rows)]
    widths = [max(len(line[column]) for line in table) for column in range(len(HEADINGS))]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in table
    ]
    return "\n".join([lines[0], "  ".join("─" * width for width in widths), *lines[1:]])


def format_json(rows: Sequence[Row]) -> str:
    return json.dumps([_to_plain(row) for row in rows], indent=2)


def _to_cells(row: Row) -> tuple[str, ...]:
    ratios = row.ratios
    return (
        f"{row.name} {row.unit}",
        f"{median(row.ours):,.2f}",
        f"{median(row.floor):,.2f}",
        f"{row.ratio:.2f} [{min(ratios):.2f} – {max(ratios):.2f}]",
        f"{'≤' if row.at_most else '≥'} {row.aim:.2f}",
        "yes" if row.is_reached else "no",
    )


def _to_plain(row: Row) -> dict[str, Any]:
    return {
        "name": row.name,
        "unit": row.unit,
        "ours": list(row.ours),
        "floor": list(row.floor),
        "ratio": {"median": row.ratio, "least": min(row.ratios), "most": max(row.ratios)},
        "aim": {"at_most" if row.at_most else "at_least": row.aim},
        "reached": row.is_reached,
    }
