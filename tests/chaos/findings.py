"""A finding: one thing that does not hold, named, with what offends."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from tests.chaos.evidence import Evidence, Row


@dataclass(frozen=True, slots=True)
class Finding:
    check: str
    what: str


class Index:
    """The evidence by the keys the checks ask for."""

    def __init__(self, evidence: Evidence) -> None:
        self.evidence = evidence
        self.connections = {row["id"]: row for row in evidence.connections}
        self.payments = {row["id"]: row for row in evidence.payments}
        self.by_public_id = {row["public_id"]: row for row in evidence.payments}
        self.legs = {row["public_id"]: row for row in evidence.legs}
        self.legs_of = group_by(evidence.legs, "payment_id")
        self.journal = evidence.journal
        self.charges = [row for row in evidence.journal if row["kind"] == "charge"]
        self.charges_of = group_by(self.charges, "reference")
        refunds = [row for row in evidence.journal if row["kind"] == "refund"]
        self.refunds_of = group_by(refunds, "source_id")
        failed = [row for row in evidence.journal if row["kind"] == "refund_failed"]
        self.returned_of = group_by(failed, "source_id")

    def get_account(self, leg: Row) -> tuple[str, str]:
        connection = self.connections[leg["connection_id"]]
        return connection["processor"], connection["account_id"]

    def is_platforms(self, leg: Row) -> bool:
        return bool(self.connections[leg["connection_id"]]["owner_id"] == 0)

    def is_on_platform(self, row: Row) -> bool:
        """Whether the journal's row is of an account of the platform's."""
        accounts = self.connections.values()
        return any(
            each["account_id"] == row["account_id"] and each["owner_id"] == 0 for each in accounts
        )

    def is_split(self, payment: Row) -> bool:
        return any(leg["role"] == "commission" for leg in self.legs_of.get(payment["id"], []))

    def list_references(self, payment: Row) -> set[str]:
        return {leg["public_id"] for leg in self.legs_of.get(payment["id"], [])}

    def list_charges(self, payment: Row) -> list[Row]:
        """What the processors say was charged for a payment."""
        legs = self.legs_of.get(payment["id"], [])
        return [charge for leg in legs for charge in self.charges_of.get(leg["public_id"], [])]

    def list_returns(self, charge: Row) -> list[Row]:
        """What went back of a charge, and what of that came again since it failed."""
        refunds = self.refunds_of.get(charge["object_id"], [])
        return [each for row in refunds for each in [row, *self.list_failures(row)]]

    def list_failures(self, refund: Row) -> list[Row]:
        return self.returned_of.get(refund["object_id"], [])

    def sum_gone(self, payment: Row) -> int:
        """What of a payment is with the payer again, as the processors say."""
        charges = self.list_charges(payment)
        return -sum(row["amount_minor"] for each in charges for row in self.list_returns(each))

    def sum_charged(self, payment: Row) -> int:
        return sum(row["amount_minor"] for row in self.list_charges(payment))

    def sum_kept(self, payment: Row) -> int:
        """What was charged for a payment and not given back."""
        return self.sum_charged(payment) - self.sum_gone(payment)

    def list_open_discrepancies(self) -> set[str]:
        """The references and objects that open discrepancies name."""
        named: set[str] = set()
        for row in self.evidence.discrepancies:
            if row["state"] == "open":
                named |= {row["reference"], row["our_reference"], row["external_id"]} - {None, ""}
        return named


def group_by(rows: Iterable[Row], name: str) -> Mapping[Any, list[Row]]:
    groups: dict[Any, list[Row]] = defaultdict(list)
    for row in rows:
        groups[row[name]].append(row)
    return groups
