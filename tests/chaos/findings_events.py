"""What became of the events that arrived: each is kept once, and none waits for ever."""

from collections import Counter
from collections.abc import Iterator

from tests.chaos.findings import Finding, Index

# Why an event may be about nothing of ours; a colon is followed by what it was.
_REASONS = {
    "held_for_its_other_part",
    "no_money_moved",
    "object_not_used",
    "told_by_its_charge",
    "unknown_type",
}


def find_in_events(index: Index) -> Iterator[Finding]:
    yield from _stored_twice(index)
    yield from _left_lying(index)
    yield from _denied(index)


def _stored_twice(index: Index) -> Iterator[Finding]:
    names = Counter((row["connection_id"], row["event_id"]) for row in index.evidence.events)
    for (_, event_id), count in names.items():
        if count > 1:
            yield Finding("an event is kept once", f"{event_id}: {count} times")


def _left_lying(index: Index) -> Iterator[Finding]:
    for row in index.evidence.events:
        if row["state"] in {"received", "retrying", "parked", "dead"}:
            waits = f" for {row['waits_for']}" if row["waits_for"] else ""
            yield Finding("no event waits for ever", f"{row['type']} is {row['state']}{waits}")


def _denied(index: Index) -> Iterator[Finding]:
    """Nobody sends us events that are about nothing of ours."""
    for row in index.evidence.events:
        reason = row["explanation"].partition(":")[0]
        if row["state"] == "ignored" and reason not in _REASONS:
            yield Finding(
                "an event is ignored for a reason", f"{row['type']}: {row['explanation']}"
            )
