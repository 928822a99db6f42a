"""The vendors' official examples, as JSON."""

import json
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parents[1] / "contracts" / "adapters"


def load_examples(processor: str) -> dict[str, Any]:
    examples: dict[str, Any] = json.loads((FOLDER / f"{processor}.json").read_text())
    return examples
