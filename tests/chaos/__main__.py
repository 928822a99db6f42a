"""`bin/chaos`: see `bin/chaos --help`."""

import argparse
import json
import secrets
import signal
import sys
from pathlib import Path

from tests.chaos import sync_run, table
from tests.chaos.collecting import report as collections_report
from tests.chaos.collecting.plan import Plan as CollectionsPlan
from tests.chaos.collecting.run import run_collections_chaos
from tests.chaos.leans import LEANS
from tests.chaos.mutants import run_mutants
from tests.chaos.plan import FEWEST_PAYMENTS, make_plan
from tests.chaos.report import FAIL, INVALID, PASS
from tests.chaos.run import run_chaos

ROOT = Path(__file__).resolve().parent.parent.parent
# Of each barber, refunds among them.
SALES_OF_12_WEEKS = 500
EXIT_CODES = {PASS: 0, FAIL: 1, INVALID: 2}


def main() -> int:
    """Exit status 0 pass, 1 fail, 2 invalid: what was planned did not happen."""
    # The home and its servers are cleared away on the way out.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    arguments = _parse_arguments()
    if arguments.sync is not None:
        synced = sync_run.run_sync_chaos(
            arguments.sync, seed=arguments.seed, source=ROOT, keep=arguments.keep
        )
        print(json.dumps(synced.to_json()) if arguments.json else sync_run.describe(synced))
        return EXIT_CODES[synced.verdict]
    if arguments.collections is not None:
        return _collect(arguments)
    if arguments.mutants is not None:
        return run_mutants(
            arguments.mutants,
            source=ROOT,
            payments=arguments.payments,
            seed=arguments.seed,
            at_once=arguments.at_once,
        )
    plan = make_plan(payments=arguments.payments, seed=arguments.seed, lean=arguments.lean)
    report = run_chaos(
        plan,
        source=ROOT,
        keep=arguments.keep,
        until_found=arguments.until_found,
        name=arguments.name,
    )
    if arguments.json:
        print(json.dumps(report.to_json(), indent=2))
    else:
        print(table.describe(report))
    return EXIT_CODES[report.verdict]


def _collect(arguments: argparse.Namespace) -> int:
    barbers, periods = arguments.collections, arguments.periods
    plan = CollectionsPlan(
        seed=arguments.seed,
        barbers=barbers,
        periods=periods,
        transactions=arguments.transactions or barbers * periods * SALES_OF_12_WEEKS // 12,
    )
    report = run_collections_chaos(plan, source=ROOT, keep=arguments.keep)
    if arguments.json:
        print(json.dumps(report.to_json(), indent=2))
    else:
        print(collections_report.describe(report))
    return EXIT_CODES[report.verdict]


def _parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bin/chaos", description=_DESCRIPTION)
    parser.add_argument("--payments", type=_count, default=200, help="[200]")
    parser.add_argument(
        "--seed",
        type=int,
        default=secrets.randbelow(10_000),
        help="the same seed plans the same payments, faults and kills [a new one]",
    )
    parser.add_argument(
        "--lean", choices=LEANS, default="even", help="which kinds of faults get most of the share"
    )
    parser.add_argument("--keep", action="store_true", help="keep the home with logs and data")
    parser.add_argument(
        "--until-found",
        action="store_true",
        help="compare as early as possible, too, and end when something is found",
    )
    parser.add_argument("--name", default="", help="what progress is told as [the seed]")
    parser.add_argument(
        "--mutants",
        nargs="*",
        metavar="NAME",
        help="plant these defects, or all, one at a time in a copy; each must be found",
    )
    parser.add_argument(
        "--sync",
        type=_count,
        metavar="N",
        help="read so many past transactions instead, by a sync that is killed ten times",
    )
    parser.add_argument(
        "--collections",
        nargs="?",
        type=int,
        const=500,
        metavar="BARBERS",
        help="build and debit collections of so many barbers instead [500]",
    )
    parser.add_argument("--periods", type=int, default=12, help="weeks they are built for [12]")
    parser.add_argument(
        "--transactions", type=int, help="what the barbers sell and refund in all [500 each in 12]"
    )
    parser.add_argument("--at-once", type=int, default=2, help="how many mutants are tried [2]")
    parser.add_argument("--json", action="store_true", help="print the report as JSON")
    return parser.parse_args()


def _count(text: str) -> int:
    count = int(text)
    if count < FEWEST_PAYMENTS:
        raise argparse.ArgumentTypeError(f"at least {FEWEST_PAYMENTS}")
    return count


_DESCRIPTION = """Run the product with faults on 30 % of the calls to processors; take payments
and give them back, by the API and in the processors' dashboards, sell at terminals, lose, double,
delay and shuffle events on their way; kill its processes and its syncs, stop its database, empty
its Redis; then compare the processors' journal with the database from outside. Exit status 0:
pass, 1: fail, 2: invalid, because something that was planned did not happen."""

if __name__ == "__main__":
    sys.exit(main())
