"""The money journal: one row for each movement on an account, in the order of commit."""

from dataclasses import dataclass
from typing import Any

from processors.simulator.identifiers import to_iso
from processors.simulator.messages import Json
from processors.simulator.store import Store

_COLUMNS = (
    "processor, account_id, kind, method, object_id, source_id, amount_minor, tip_minor, currency,"
    " settled_minor, fee_minor, settlement_currency, exchange_rate, reference, occurred_ms,"
    " available_ms, activity"
)
_MARKS = ", ".join("?" * 17)
_INSERT = f"INSERT INTO movements ({_COLUMNS}) VALUES ({_MARKS})"  # noqa: S608 - our own names


@dataclass(frozen=True, slots=True)
class Movement:
    """Money that came (positive) or went (negative), in minor units.

    `kind`: charge, refund, refund_failed, dispute, dispute_won, transfer, transfer_reversed,
    transfer_received, transfer_received_reversed, bank_payout, bank_payout_failed,
    processor_charge, conversion. `object_id` names what moved it, `source_id` what it belongs to
    (a refund's charge). `settled_minor` and `fee_minor` are in `settlement_currency`.
    `method`: card, bank, cash or external; the last two never reach the account's balance.
    `activity`: at Square, what the payout entry will say of it, as JSON text; None for a charge
    or refund. `payout_id` in the journal: the Square payout that carried it.
    """

    processor: str
    account_id: str
    kind: str
    method: str
    object_id: str
    source_id: str
    amount_minor: int
    tip_minor: int
    currency: str
    settled_minor: int
    fee_minor: int
    settlement_currency: str
    exchange_rate: str | None
    reference: str | None
    occurred_ms: int
    available_ms: int
    activity: str | None = None

    def to_row(self) -> tuple[Any, ...]:
        return tuple(getattr(self, name) for name in self.__slots__)


class Movements:
    def __init__(self, store: Store) -> None:
        self._store = store

    def record(self, movement: Movement) -> None:
        self._store.execute(_INSERT, movement.to_row())

    def record_many(self, movements: list[Movement]) -> None:
        self._store.execute_many(_INSERT, [movement.to_row() for movement in movements])

    def list_after(self, sequence: int, *, limit: int, account_id: str | None) -> list[Json]:
        rows = self._store.rows(
            "SELECT * FROM movements WHERE sequence > ?1 AND (?2 IS NULL OR account_id = ?2)"
            " ORDER BY sequence LIMIT ?3",
            (sequence, account_id, limit),
        )
        return [_to_json(dict(row)) for row in rows]

    def list_newest(self, limit: int) -> list[Json]:
        rows = self._store.rows("SELECT * FROM movements ORDER BY sequence DESC LIMIT ?", (limit,))
        return [_to_json(dict(row)) for row in rows]

    def sum_balances(
        self, processor: str, account_id: str, now_ms: int
    ) -> list[tuple[str, int, int]]:
        """(currency, available, pending) of an account, net of fees, in minor units."""
        rows = self._store.rows(
            "SELECT settlement_currency AS currency,"
            " SUM(CASE WHEN available_ms <= ?3 THEN settled_minor - fee_minor ELSE 0 END) AS ready,"
            " SUM(CASE WHEN available_ms > ?3 THEN settled_minor - fee_minor ELSE 0 END) AS coming"
            " FROM movements WHERE processor = ?1 AND account_id = ?2"
            " AND method IN ('card', 'bank') GROUP BY settlement_currency",
            (processor, account_id, now_ms),
        )
        return [(row["currency"], row["ready"], row["coming"]) for row in rows]


def _to_json(row: Json) -> Json:
    row["occurred_at"] = to_iso(row.pop("occurred_ms"))
    row["available_at"] = to_iso(row.pop("available_ms"))
    return row
