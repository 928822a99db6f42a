"""The processors' journal against our transactions, movement by movement, both ways."""

from collections.abc import Iterator

from tests.chaos.evidence import Row
from tests.chaos.findings import Finding, Index

Key = tuple[str, str, str]


def find_in_movements(index: Index) -> Iterator[Finding]:
    """Whatever moved is recorded once, with its amount, tip and fee, or a person is told of it."""
    explained = index.list_open_discrepancies()
    recorded = _read_recorded(index)
    moved = {(row["account_id"], row["kind"], row["object_id"]): row for row in index.journal}
    for key, row in moved.items():
        if explained & {row["object_id"], row["reference"]}:
            continue
        found = recorded.pop(key, None)
        if found is None:
            yield Finding("what moved is recorded", _name(key))
        elif wrong := _compare(row, found):
            yield Finding("what moved is recorded to the cent", f"{_name(key)}: {wrong}")
    for key, found in recorded.items():
        if key not in moved and found["state"] == "completed":
            yield Finding("what is recorded has moved", _name(key))


def _read_recorded(index: Index) -> dict[Key, Row]:
    """A name is there once: the database has it unique."""
    return {
        (
            index.connections[row["connection_id"]]["account_id"],
            row["kind"],
            row["external_id"],
        ): row
        for row in index.evidence.movements
    }


def _compare(moved: Row, recorded: Row) -> str:
    wanted = {
        "state": "completed",
        "amount_minor": abs(moved["amount_minor"]),
        "tip_minor": moved["tip_minor"],
        "fee_minor": moved["fee_minor"],
        "currency": moved["currency"],
    }
    return ", ".join(
        f"{name} {recorded[name]} instead of {value}"
        for name, value in wanted.items()
        if recorded[name] != value
    )


def _name(key: Key) -> str:
    account, kind, external_id = key
    return f"{kind} {external_id} on {account}"
