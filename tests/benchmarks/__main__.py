"""What `bin/bench` runs: chosen benchmarks, then one table."""

import argparse
import signal
import sys
from importlib import import_module

from tests.benchmarks.reports import Row, format_json, format_table
from tests.benchmarks.surroundings import prepared

BENCHMARKS = {
    "route": "POST /route beside a plain REST framework view: requests/s and CPU",
    "process": "POST /process beside a bare view with the same SDK call: requests/s, CPU, commits",
    "webhooks": "POST /webhooks beside a bare view that verifies and inserts: events/s",
    "ledger": "one posting of three entries beside one SQL statement: postings/s",
    "sync": "batches of 1000 onto a million rows beside COPY and bulk_create: rows/s",
    "building": "collections of 2,000 barbers beside one SQL statement: lines/s",
    "reconcile": "our movements beside listed ones, beside the bare full join: seconds",
}


def main() -> int:
    options = _parse_arguments()
    # So that the servers we started are stopped then, too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    names = list(dict.fromkeys(options.names)) or list(BENCHMARKS)
    rows: list[Row] = []
    with prepared():
        for name in names:
            print(f"Measuring {name}: {options.rounds} rounds …", file=sys.stderr, flush=True)
            # Only now: what it imports reads the settings.
            rows += import_module(f"tests.benchmarks.{name}").measure(rounds=options.rounds)
    print(format_json(rows) if options.json else format_table(rows))
    return 0


def _parse_arguments() -> argparse.Namespace:
    described = "\n".join(f"  {name:10}{text}" for name, text in BENCHMARKS.items())
    parser = argparse.ArgumentParser(
        prog="bin/bench",
        description=f"Measure speed beside floors written by hand.\n\n{described}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help="which; all unless named")
    parser.add_argument("--rounds", type=_read_count, default=7, help="pairs of runs [7]")
    parser.add_argument("--json", action="store_true", help="every round's figures, for programs")
    options = parser.parse_args()
    if unknown := set(options.names) - set(BENCHMARKS):
        parser.error(f"no such benchmark: {', '.join(sorted(unknown))}")
    return options


def _read_count(text: str) -> int:
    count = int(text)
    if count < 1:
        raise argparse.ArgumentTypeError("at least 1")
    return count


if __name__ == "__main__":
    sys.exit(main())
