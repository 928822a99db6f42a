"""The processors' own lists against the legs: no hold on a payer's card is forgotten."""

from collections.abc import Iterator

from tests.chaos.findings import Finding, Index

# What may still move money, or keeps a payer's money from him.
_LIVE = {
    "stripe": {"requires_capture", "requires_action", "requires_confirmation", "processing"},
    "square": {"APPROVED", "PENDING"},
}
_OPEN = {"submitted", "unknown", "requires_action", "authorized"}


def find_in_holds(index: Index) -> Iterator[Finding]:
    for listed in index.evidence.listed:
        if listed["status"] not in _LIVE[listed["processor"]]:
            continue
        leg = index.legs.get(listed["reference"])
        if leg is not None and leg["failure_kind"] == "credentials":
            # Nothing of ours can release it any more; it ends by itself.
            continue
        if leg is None or leg["state"] not in _OPEN:
            state = "no leg" if leg is None else f"{leg['public_id']}, which is {leg['state']}"
            what = f"{listed['id']} is {listed['status']} for {state}"
            yield Finding("no hold is forgotten", what)
