"""Tables whose rows are facts: the database refuses to change or delete them, raw SQL included."""

import pgtrigger


def append_only() -> list[pgtrigger.Trigger]:
    """Triggers for the `Meta.triggers` of an append-only model."""
    return [
        pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete),
    ]
