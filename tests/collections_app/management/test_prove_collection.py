"""The proof of a collection, and the script by which an outsider recomputes it."""

import csv
import json
import subprocess
import sys
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from collections_app.models import PlatformCollection
from collections_app.operations.contests import contest_line
from collections_app.operations.rent import accrue_rent
from collections_app.operations.rent_plans import create_rent_plan
from payments.models import LedgerSeal
from payments.operations.seals import seal_ledger
from processors.contract import MovementKind
from tests import factories
from tests.collections_app.owing import (
    BUILD,
    LAST_WEEK,
    MONDAY,
    build_one,
    create_owing_barber,
    refund,
    sell,
)
from tests.payments.books import BY, about, charge, create_split, record, usd

ROOT = Path(__file__).resolve().parents[3]
SCRIPT = ROOT / "docs" / "examples" / "recompute_collection.py"

pytestmark = pytest.mark.django_db


def collect_something() -> PlatformCollection:
    """Sales of every sort, with tips, refunds and a dispute that was won, a split one, rent for
    ten days; one contested."""
    barber, account = create_owing_barber(commission_rate="12.5", net_rent=True)
    disputed = charge(amount=usd(80_00), tip=usd(10_00), occurred_at=LAST_WEEK)
    record(account, disputed)
    record(account, about(disputed, MovementKind.DISPUTE))
    record(account, about(disputed, MovementKind.DISPUTE_WON))
    (sale,) = sell(account, 100_01)
    refund(account, sale, 33_33)
    sell(account, 7_77)
    platform = factories.create_platform_connection()
    main, part = create_split(platform, account, barber, amount=usd(120_00), tip=usd(20_00))
    record(account, charge(our_reference=main.public_id, amount=main.amount))
    record(platform, charge(our_reference=part.public_id, amount=part.amount))
    create_rent_plan(
        barber=barber,
        amount=usd(150_00),
        frequency="weekly",
        starts_on=date(2026, 5, 29),
        ends_on=date(2026, 6, 8),
        by=BY,
        now=LAST_WEEK,
    )
    accrue_rent(by=BY, now=MONDAY)
    collection = build_one()
    contested = collection.lines.get(accrual__sale__amount_minor=7_77)
    contest_line(line=contested, reason="Not mine", by=barber.user.public_id, now=BUILD)
    return PlatformCollection.objects.get(pk=collection.pk)


def prove(collection: PlatformCollection, folder: Path) -> Path:
    call_command("prove_collection", collection.public_id, "--folder", str(folder))
    return folder / f"proof_{collection.public_id}.json"


def recompute(proof: Path, *seals: str) -> subprocess.CompletedProcess[str]:
    """In a process that knows nothing of the project."""
    command = [sys.executable, "-I", str(SCRIPT), str(proof), *seals]
    return subprocess.run(command, capture_output=True, text=True, timeout=100, check=False)


def test_an_outsider_recomputes_a_collection_down_to_the_sealed_books(tmp_path):
    collection = collect_something()
    seal_ledger(now=BUILD + timedelta(days=3))
    last = LedgerSeal.objects.latest("day")

    proof = prove(collection, tmp_path)
    done = recompute(proof, last.seal)

    assert done.returncode == 0, done.stdout + done.stderr
    call_command("verify_collection", collection.public_id)  # from the inside, the same
    assert done.stdout.splitlines()[-1].endswith("0 not sealed yet")
    rows = list(csv.DictReader(proof.with_suffix(".csv").read_text().splitlines()))
    live = sum(int(row["amount_minor"]) for row in rows if row["state"] == "live")
    assert live == collection.amount_minor
    assert {row["rate_config"] for row in rows if row["kind"] == "commission"} != {""}


def test_a_seal_that_was_replaced_since_is_noticed(tmp_path):
    collection = collect_something()

    done = recompute(prove(collection, tmp_path), "f" * 64)

    assert done.returncode == 1
    assert "is not there" in done.stdout


def raise_a_line(proof: dict[str, Any]) -> None:
    proof["lines"][0]["amount_minor"] += 1
    proof["collection"]["amount_minor"] += 1


def raise_a_rate(proof: dict[str, Any]) -> None:
    proof["sales"][0]["commission_rate"] = "20.0000"


def hide_a_refund(proof: dict[str, Any]) -> None:
    for sale in proof["sales"]:
        sale["returns"] = []


def raise_the_rent(proof: dict[str, Any]) -> None:
    proof["rent_plans"][0]["amount_minor"] += 100


def drop_a_posting(proof: dict[str, Any]) -> None:
    proof["postings"].pop(0)


def change_a_posting(proof: dict[str, Any]) -> None:
    proof["postings"][0]["transaction"]["by"] = "somebody else"


def change_a_seal(proof: dict[str, Any]) -> None:
    proof["seals"][-1]["transactions"] += 1


@pytest.mark.parametrize(
    "tamper",
    [
        raise_a_line,
        raise_a_rate,
        hide_a_refund,
        raise_the_rent,
        drop_a_posting,
        change_a_posting,
        change_a_seal,
    ],
)
def test_whatever_is_changed_in_a_proof_is_noticed(
    tamper: Callable[[dict[str, Any]], None], tmp_path
):
    collection = collect_something()
    seal_ledger(now=BUILD + timedelta(days=3))
    file = prove(collection, tmp_path)
    proof = json.loads(file.read_text())
    tamper(proof)
    file.write_text(json.dumps(proof))

    done = recompute(file)

    assert done.returncode == 1
    assert "WRONG" in done.stdout


def test_a_collection_that_is_not_there_is_named():
    with pytest.raises(CommandError, match="no collection col_nowhere"):
        call_command("prove_collection", "col_nowhere")
