"""A proof as a table: a row for each line, for a spreadsheet."""

from collections.abc import Iterable, Iterator, Mapping
from operator import itemgetter
from typing import Any

COLUMNS = (
    "collection",
    "line",
    "state",
    "kind",
    "amount_minor",
    "currency",
    "accrual",
    "sale",
    "processor",
    "external_id",
    "payment",
    "occurred_at",
    "sale_amount_minor",
    "tip_minor",
    "step",
    "base_minor",
    "rate",
    "rate_config",
    "rate_config_effective_at",
    "commission_before_minor",
    "commission_minor",
    "kept_minor",
    "reason",
    "ledger_transaction",
    "sealed_day",
)


def tabulate_proof(proof: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """The lines of a proof; the live ones' amounts sum to the collection's."""
    accruals = {one["id"]: one for one in proof["accruals"]}
    sales = {one["id"]: one for one in proof["sales"]}
    postings = {
        one["transaction"]["source_id"]: one
        for one in proof["postings"]
        if one["transaction"]["source_type"] == "accrual"
    }
    before = _sum_before(proof["accruals"])
    for line in proof["lines"]:
        accrual = accruals[line["accrual_id"]]
        posting = postings.get(accrual["id"], {"transaction": {"id": None}, "sealed_day": None})
        row = {
            "collection": proof["collection"]["id"],
            "line": line["id"],
            "state": line["state"],
            "amount_minor": line["amount_minor"],
            "accrual": accrual["id"],
            "kind": accrual["kind"],
            "currency": accrual["currency"],
            "reason": accrual["reason"],
            "ledger_transaction": posting["transaction"]["id"],
            "sealed_day": posting["sealed_day"],
            **_describe_sale(sales.get(line["sale_id"])),
            **_describe_step(accrual, before),
        }
        yield {column: row.get(column) for column in COLUMNS}


def _describe_sale(sale: Mapping[str, Any] | None) -> dict[str, Any]:
    if sale is None:
        return {}
    config = sale["terms"]["config"] or {}
    return {
        "sale": sale["id"],
        "processor": sale["processor"],
        "external_id": sale["external_id"],
        "payment": sale["payment_id"],
        "occurred_at": sale["occurred_at"],
        "sale_amount_minor": sale["whole_minor"],
        "tip_minor": sale["whole_tip_minor"],
        "rate": sale["commission_rate"],
        "rate_config": config.get("id"),
        "rate_config_effective_at": config.get("effective_at"),
    }


def _sum_before(accruals: Iterable[Mapping[str, Any]]) -> dict[int, int]:
    """For each step of a sale what earlier ones have accrued, by the accrual's id."""
    sums: dict[int, int] = {}
    before: dict[int, int] = {}
    for accrual in sorted(accruals, key=itemgetter("revision")):
        if accrual["sale_id"] is not None:
            before[accrual["id"]] = sums.get(accrual["sale_id"], 0)
            sums[accrual["sale_id"]] = before[accrual["id"]] + accrual["commission_minor"]
    return before


def _describe_step(accrual: Mapping[str, Any], before: Mapping[int, int]) -> dict[str, Any]:
    """Of a sale's commission, the step that this accrual is."""
    if accrual["sale_id"] is None:
        return {}
    return {
        "step": accrual["revision"],
        "base_minor": accrual["base_minor"],
        "commission_before_minor": before[accrual["id"]],
        "commission_minor": accrual["commission_minor"],
        "kept_minor": accrual["kept_minor"],
    }
