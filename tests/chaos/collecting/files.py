"""Small JSON files that are there whole or not at all, whoever is killed."""

import json
from pathlib import Path
from typing import Any

PLAN, PEOPLE = "plan.json", "people.json"


def put(path: Path, said: Any) -> None:
    written = path.with_name(f"{path.name}.new")
    written.write_text(json.dumps(said), encoding="utf-8")
    written.replace(path)


def get(path: Path) -> Any:
    """What it says, None where there is no such file."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
