"""The page's lists of applications and of planted differences."""

import json

from processors.simulator.identifiers import to_iso
from processors.simulator.page_parts import code, table, text
from processors.simulator.simulation import Simulation

_NEWEST = 25


def render_authorizations(simulation: Simulation) -> str:
    """Who allowed which application, newest first; applications without any are listed too."""
    allowed = simulation.authorizations.list_all()
    used = {row["client_id"] for row in allowed}
    rows = [
        (
            text(row["processor"]),
            code(row["client_id"]),
            code(row["account_id"]),
            text(to_iso(row["created_ms"])),
            text("" if row["revoked_ms"] is None else to_iso(row["revoked_ms"])),
        )
        for row in allowed[:_NEWEST]
    ]
    rows += [
        (text(each.processor), code(each.client_id), text("nobody yet"), text(""), text(""))
        for each in simulation.applications.list_all()
        if each.client_id not in used
    ]
    return table("Applications", ("Processor", "Application", "Allowed by", "Since", "Until"), rows)


def render_plants(simulation: Simulation) -> str:
    found = simulation.store.rows("SELECT * FROM plants ORDER BY sequence DESC LIMIT ?", (_NEWEST,))
    rows = [
        (
            text(row["kind"]),
            code(row["account_id"]),
            code(row["object_id"]),
            text(_describe(row["before"])),
            text(_describe(row["after"])),
        )
        for row in found
    ]
    header = ("Difference", "Account", "Object", "Before", "After")
    return table("Planted differences", header, rows)


def _describe(figures: str) -> str:
    said = json.loads(figures)
    return ", ".join(f"{name} {value}" for name, value in said.items() if value is not None)
