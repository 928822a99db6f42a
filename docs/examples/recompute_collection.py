"""Recompute a collection from its proof, with nothing but this file and the proof.

    python recompute_collection.py proof_col_….json [SEAL …]

Each SEAL is a seal that you have kept from elsewhere, such as an earlier proof: it must be among
the proof's. Prints what holds and what does not; exit code 1: something does not.
"""

import calendar
import hashlib
import json
import sys
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

Proof = dict[str, Any]


def main() -> int:
    proof: Proof = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    kept = sys.argv[2:]
    wrong = 0
    for name, check in CHECKS.items():
        faults = list(check(proof))
        wrong += len(faults)
        say(f"{'WRONG' if faults else 'ok':6}{name}", *faults)
    missing = sorted(set(kept) - {seal["seal"] for seal in proof["seals"]})
    say(*(f"WRONG seal that you have kept is not there: {seal}" for seal in missing))
    unsealed = sum(posting["sealed_day"] is None for posting in proof["postings"])
    say(
        f"{len(proof['lines'])} lines, {len(proof['postings'])} postings, {unsealed} not sealed yet"
    )
    return 1 if wrong or missing else 0


def say(*lines: str) -> None:
    for line in lines:
        sys.stdout.write(f"{line}\n")


def check_sum(proof: Proof) -> Iterator[str]:
    collection = proof["collection"]
    live = [line["amount_minor"] for line in proof["lines"] if line["state"] == "live"]
    if collection["state"] != "canceled" and collection["amount_minor"] != sum(live):
        yield f"the live lines sum to {sum(live)}, the collection is {collection['amount_minor']}"
    accruals = by_id(proof["accruals"])
    for line in proof["lines"]:
        accrued = accruals[line["accrual_id"]]["amount_minor"]
        if line["amount_minor"] != accrued:
            yield f"line {line['id']} is {line['amount_minor']}, its accrual {accrued}"


def check_terms(proof: Proof) -> Iterator[str]:
    """What commission is taken of, and at which rate."""
    for sale in proof["sales"]:
        base = get_base(sale)
        if sale["base_minor"] != base:
            yield f"sale {sale['id']} has the base {sale['base_minor']}, not {base}"
        config = sale["terms"]["config"]
        rate = config["commission_rate"] if config else sale["terms"]["default_rate"]
        # A payment through the platform keeps the rate that was agreed with it.
        if sale["payment_id"] is None and Decimal(sale["commission_rate"]) != Decimal(rate):
            yield f"sale {sale['id']} has the rate {sale['commission_rate']}, its terms {rate}"


def get_base(sale: Proof) -> int:
    terms = sale["terms"]
    bears_none = sale["method"] == "external" or (
        sale["method"] == "cash" and not terms["commission_on_cash"]
    )
    if bears_none:
        return 0
    whole: int = sale["whole_minor"]
    return whole if terms["commission_on_tips"] else whole - int(sale["whole_tip_minor"])


def check_steps(proof: Proof) -> Iterator[str]:
    """Each step leads to the rate of the base that was left, the last one to what is left now."""
    for sale in proof["sales"]:
        steps = [one for one in proof["accruals"] if one["sale_id"] == sale["id"]]
        so_far = kept = 0
        for step in sorted(steps, key=lambda one: one["revision"]):
            so_far += step["commission_minor"]
            kept += step["kept_minor"]
            due = take_percent(step["base_minor"], step["rate"])
            if so_far not in ({due} if sale["state"] == "completed" else {due, 0}):
                yield f"accrual {step['id']} leads to {so_far}, not to {due}"
            if step["amount_minor"] != step["commission_minor"] - step["kept_minor"]:
                yield f"accrual {step['id']} is not its commission less what was kept"
        left, held = get_left(sale)
        if so_far != left:
            yield f"sale {sale['id']} has a commission of {so_far}, not {left}"
        if kept != held:
            yield f"of sale {sale['id']} {kept} was kept, not {held}"


def get_left(sale: Proof) -> tuple[int, int]:
    """The commission of what did not go back to the payer, and what the platform holds itself."""
    if sale["state"] != "completed":
        return 0, 0
    parts = {part["id"]: part["amount_minor"] for part in sale["parts"]}
    gone = sum(get_returned(one) for one in sale["returns"])
    gone_of_parts = sum(get_returned(one) for one in sale["returns"] if one["of_sale_id"] in parts)
    whole = sale["whole_minor"]
    share = halve_up(sale["base_minor"] * min(max(gone, 0), whole), whole)
    commission = take_percent(sale["base_minor"] - share, sale["commission_rate"])
    return commission, max(sum(parts.values()) - gone_of_parts, 0)


def get_returned(movement: Proof) -> int:
    amount: int = movement["amount_minor"]
    return amount if movement["kind"] in {"refund", "dispute"} else -amount


def check_rents(proof: Proof) -> Iterator[str]:
    """Parts of a period cost their share by days."""
    plans = by_id(proof["rent_plans"])
    for accrual in proof["accruals"]:
        if accrual["kind"] == "rent":
            plan = plans[accrual["rent_plan_id"]]
            start = date.fromisoformat(accrual["period_start"])
            days = (date.fromisoformat(accrual["period_end"]) - start).days
            rent = halve_up(plan["amount_minor"] * days, count_days(plan["frequency"], start))
            if accrual["amount_minor"] != rent:
                yield f"accrual {accrual['id']} is {accrual['amount_minor']}, the rent {rent}"


def count_days(frequency: str, start: date) -> int:
    if frequency in {"weekly", "biweekly"}:
        return 7 if frequency == "weekly" else 14
    month = calendar.monthrange(start.year, start.month)[1]
    if frequency == "monthly":
        return month
    return 15 if start.day <= 15 else month - 15


def check_postings(proof: Proof) -> Iterator[str]:
    """Each transaction sums to zero; each accrual is booked to what the barber owes, once."""
    booked: dict[int, int] = {}
    for posting in proof["postings"]:
        transaction = posting["transaction"]
        entries = transaction["entries"]
        if sum(entry["amount_minor"] for entry in entries) != 0:
            yield f"ledger transaction {transaction['id']} does not sum to zero"
        if transaction["source_type"] == "accrual":
            owed = sum(e["amount_minor"] for e in entries if e["account"] == "receivable")
            booked[transaction["source_id"]] = booked.get(transaction["source_id"], 0) + owed
    for accrual in proof["accruals"]:
        found = booked.get(accrual["id"], 0)
        if accrual["kind"] != "repaid" and accrual["amount_minor"] != found:
            yield f"accrual {accrual['id']} is {accrual['amount_minor']}, booked {found}"


def check_seals(proof: Proof) -> Iterator[str]:
    """Each posting is in its day's tree, each day in its seal, each seal in the next one."""
    roots = {seal["day"]: seal["root"] for seal in proof["seals"]}
    for posting in proof["postings"]:
        if posting["sealed_day"] is None:
            continue
        if climb(posting["transaction"], posting["path"]) != roots.get(posting["sealed_day"]):
            yield f"ledger transaction {posting['transaction']['id']} is not in its day"
    yield from check_chain(proof["seals"])


def check_chain(seals: list[Proof]) -> Iterator[str]:
    before: Proof | None = None
    for seal in seals:
        sealed = {name: seal[name] for name in seal if name != "seal"}
        if hash_text(to_canonical(sealed)) != seal["seal"]:
            yield f"the seal of {seal['day']} is not that of what it names"
        if before is not None:
            following = date.fromisoformat(before["day"]) + timedelta(days=1)
            if (seal["previous"], seal["day"]) != (before["seal"], following.isoformat()):
                yield f"the seal of {seal['day']} does not follow on the one before"
        before = seal


def climb(transaction: Proof, path: list[Proof]) -> str:
    current = hashlib.sha256(b"\x00" + to_canonical(transaction).encode()).digest()
    for neighbor in path:
        other = bytes.fromhex(neighbor["hash"])
        pair = current + other if neighbor["side"] == "right" else other + current
        current = hashlib.sha256(b"\x01" + pair).digest()
    return current.hex()


def to_canonical(value: Proof) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True)


def hash_text(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def take_percent(minor: int, rate: str) -> int:
    share = Decimal(minor) * Decimal(rate) / 100
    return int(share.quantize(Decimal(1), ROUND_HALF_UP))


def halve_up(numerator: int, denominator: int) -> int:
    """The quotient, rounded half up; neither is negative."""
    return (2 * numerator + denominator) // (2 * denominator)


def by_id(rows: list[Proof]) -> dict[int, Proof]:
    return {row["id"]: row for row in rows}


CHECKS = {
    "the lines sum to the collection": check_sum,
    "base and rate are those of the terms": check_terms,
    "commission follows from base and rate, less what went back": check_steps,
    "rent follows from the plan and its days": check_rents,
    "everything is in the books, and they balance": check_postings,
    "the books are as they were sealed": check_seals,
}

if __name__ == "__main__":
    sys.exit(main())
