"""`bin/chaos --sync N`: N simulated transactions are read by processes that are killed ten times.

Then everything must be here, each once, with its commission, in flat memory.
"""

import json
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg2

from bookedbarber.embedded import services
from bookedbarber.embedded.places import elsewhere
from tests.chaos.report import FAIL, INVALID, PASS
from tests.chaos.waiting import pause, wait_until
from tests.chaos.world import World

KILLS = 10
CHUNK = 1000
# From so many on a batch is of several pages.
MANY = 50_000
SECRETS = {"stripe": ("secret_key", "sk_test_sync"), "square": ("access_token", "EAAA-sync")}
ACCOUNTS = {"stripe": "acct_sync", "square": "MLSYNC"}
FIRST_SALE = datetime(2026, 2, 1, tzinfo=UTC)
# What a process may grow by after its first tenth; a page is some 300 kB of JSON.
MOST_GROWTH_MB = 32
LONGEST_RUN_SECONDS = 3600
# About what one batch takes to be fetched and stored.
LATEST_KILL_SECONDS = 0.6


@dataclass(slots=True)
class SyncReport:
    """What happened, and what was wrong."""

    transactions: int
    seed: int
    killed_at: list[int] = field(default_factory=list)
    seconds: float = 0.0
    peak_mb: int = 0
    growth_mb: int = 0
    findings: list[str] = field(default_factory=list)

    @property
    def verdict(self) -> str:
        if self.findings:
            return FAIL
        return PASS if len(self.killed_at) == KILLS else INVALID

    def to_json(self) -> dict[str, Any]:
        findings = [{"check": "sync", "what": what} for what in self.findings]
        unproven = [] if len(self.killed_at) == KILLS else ["it was not killed ten times"]
        return asdict(self) | {
            "findings": findings,
            "unproven": unproven,
            "verdict": self.verdict,
        }


def run_sync_chaos(transactions: int, *, seed: int, source: Path, keep: bool) -> SyncReport:
    """Fill the simulator, read it with kills, compare."""
    report = SyncReport(transactions, seed)
    with _open_world(source, transactions, keep=keep) as world:
        names = _open_accounts(world)
        _say(f"{transactions} transactions at the simulator …")
        _sell(world, transactions)
        _read_with_kills(world, report, random.Random(seed))
        report.findings += _compare(world, names)
    return report


def describe(report: SyncReport) -> str:
    killed = ", ".join(f"{rows:,}" for rows in report.killed_at)
    lines = [
        f"{report.transactions:,} transactions, seed {report.seed}",
        f"killed {len(report.killed_at)} times, at {killed} rows",
        f"read in {report.seconds:.0f} s, {report.transactions / report.seconds:,.0f} a second",
        f"memory {report.peak_mb} MB at most, {report.growth_mb} MB of growth in the last process",
        *report.findings,
        f"Verdict: {report.verdict}",
    ]
    return "\n".join(lines)


@contextmanager
def _open_world(source: Path, transactions: int, *, keep: bool) -> Iterator[World]:
    """Servers, the simulator and an empty database; no web, worker or beat."""
    home = Path(tempfile.mkdtemp(prefix="bookedbarber-sync-")).resolve()
    home.chmod(0o755)  # PostgreSQL's own user must get in when we are root
    try:
        with ExitStack() as stack:
            stack.enter_context(services(home))
            world = World(source, home)
            # Small batches, so that a kill finds many places between two.
            world.environment["SYNC_BATCH_PAGES"] = "4" if transactions >= MANY else "1"
            world.environment["PROCESSOR_TIMEOUT_SECONDS"] = "60"
            stack.callback(world.stop)
            world._start_process("simulator")
            world.run("python manage.py migrate --no-input --verbosity 0")
            wait_until(world.simulator.is_up, "the simulator")
            yield world
    finally:
        if not keep:
            shutil.rmtree(elsewhere(home), ignore_errors=True)
            shutil.rmtree(home, ignore_errors=True)


def _open_accounts(world: World) -> dict[str, str]:
    described = {}
    for processor, (name, secret) in SECRETS.items():
        world.simulator.put_account(
            processor, ACCOUNTS[processor], secret=secret, name="Chair", currencies=["USD"]
        )
        described[processor] = {"credentials": {name: secret}}
    names: dict[str, str] = json.loads(
        world.run('python -m tests.chaos.sync_populate "$1"', json.dumps(described)).splitlines()[
            -1
        ]
    )
    return names


def _sell(world: World, transactions: int) -> None:
    """Half at each processor; every tenth sale is refunded in part, which is one more."""
    step = timedelta(minutes=1)
    for processor, account_id in ACCOUNTS.items():
        left, number = transactions // 2, 0
        while left > 0:
            sales: list[dict[str, Any]] = []
            while left > 0 and len(sales) < CHUNK:
                number += 1
                sold_at = FIRST_SALE + step * number
                sale = {
                    "occurred_at": sold_at.isoformat(),
                    "amount_minor": 1_00 + number % 97_00,
                    "currency": "USD",
                }
                if number % 10 == 0 and left > 1:
                    later = (sold_at + step).isoformat()
                    sale["refunds"] = [{"occurred_at": later, "amount_minor": 50}]
                    left -= 1
                sales.append(sale)
                left -= 1
            body = {"processor": processor, "account_id": account_id, "sales": sales}
            world.simulator._send("POST", "sales", body).raise_for_status()


def _read_with_kills(world: World, report: SyncReport, chance: random.Random) -> None:
    """Kill ten times in the first two thirds, every other time at the very moment when a place in
    a list is stored; the last process reads the rest."""
    places = sorted(chance.sample(range(1, report.transactions * 2 // 3), KILLS))
    start = time.monotonic()
    with closing(_connect(world)) as database:
        for number, rows in enumerate([*places, None]):
            process = _start(world)
            memory = _follow(process, database, rows)
            if rows is not None:
                _wait_for_place(process, database)
                pause(chance.uniform(0, LATEST_KILL_SECONDS) if number % 2 else 0)
            if rows is not None and process.poll() is None:
                process.kill()
                report.killed_at.append(_count(database))
                _say(f"killed at {report.killed_at[-1]:,} rows")
            status = process.wait()
            if rows is None and status != 0:
                report.findings.append(f"the last run ended with {status}")
            report.peak_mb = max(report.peak_mb, max(memory, default=0))
    early = max(memory[: max(1, len(memory) // 10)], default=0)
    report.growth_mb = max(memory, default=0) - early
    if report.growth_mb > MOST_GROWTH_MB:
        report.findings.append(f"memory grew by {report.growth_mb} MB")
    report.seconds = time.monotonic() - start


def _start(world: World) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        [sys.executable, "manage.py", "sync_transactions"],
        cwd=world.source,
        env=world.environment,
        stdout=subprocess.DEVNULL,
    )


def _follow(process: "subprocess.Popen[bytes]", database: Any, rows: int | None) -> list[int]:
    """Resident MB while it runs, from its first stored row on, until so many rows are here."""
    memory: list[int] = []
    before = _find_newest(database)
    deadline = time.monotonic() + LONGEST_RUN_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        newest = _find_newest(database)
        if rows is not None and newest >= rows:
            break
        if newest > before:
            memory.append(_get_resident_mb(process.pid))
        time.sleep(0.1)
    return memory


def _wait_for_place(process: "subprocess.Popen[bytes]", database: Any) -> None:
    before = _read_places(database)
    deadline = time.monotonic() + LONGEST_RUN_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        if _read_places(database) != before:
            return
        time.sleep(0.01)


def _get_resident_mb(pid: int) -> int:
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1])
    except (OSError, IndexError):
        return 0
    return pages * 4096 // 2**20


def _compare(world: World, names: dict[str, str]) -> list[str]:
    """The simulator's journal and our rows, name by name; then the books."""
    findings = []
    expected = {
        (row["account_id"], row["kind"], row["object_id"], abs(row["amount_minor"]))
        for row in world.simulator.list_movements()
    }
    with closing(_connect(world)) as database, database.cursor() as cursor:
        cursor.execute(
            "SELECT c.account_id, t.kind, t.external_id, t.amount_minor"
            " FROM payments_externaltransaction t JOIN processors_connection c"
            " ON c.id = t.connection_id"
        )
        found = list(cursor.fetchall())
        cursor.execute("SELECT count(*) FROM payments_synccursor WHERE started_at IS NOT NULL")
        unfinished = cursor.fetchone()[0]
    if missing := expected - set(found):
        findings.append(f"{len(missing)} are missing, such as {min(missing)}")
    if foreign := set(found) - expected:
        findings.append(f"{len(foreign)} are not the processor's, such as {min(foreign)}")
    if len(found) != len(set(found)):
        findings.append(f"{len(found) - len(set(found))} are here twice")
    if unfinished:
        findings.append(f"{unfinished} lists were not read to their end")
    verify = "python manage.py verify_books --json || true"
    offences = json.loads(world.run(verify, seconds=LONGEST_RUN_SECONDS))
    findings += [f"books: {offence}" for offence in offences[:10]]
    return findings if names else ["no account was connected"]


def _connect(world: World) -> Any:
    address = world.environment["DATABASE_URL"].removeprefix("postgres://")
    folder, _, name = address.rpartition("/")
    user, _, folder = folder.partition("@/")
    database = psycopg2.connect(host=folder, user=user, dbname=name)
    database.autocommit = True
    return database


def _count(database: Any) -> int:
    with database.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM payments_externaltransaction")
        return int(cursor.fetchone()[0])


def _find_newest(database: Any) -> int:
    """About as many as there are rows, which would take too long to be counted all the time."""
    with database.cursor() as cursor:
        cursor.execute("SELECT coalesce(max(id), 0) FROM payments_externaltransaction")
        return int(cursor.fetchone()[0])


def _read_places(database: Any) -> list[tuple[Any, ...]]:
    with database.cursor() as cursor:
        cursor.execute("SELECT id, position FROM payments_synccursor ORDER BY id")
        return list(cursor.fetchall())


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
