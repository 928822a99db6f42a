import json
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from bookedbarber.foundation.job_runs import Run
from bookedbarber.foundation.job_tasks import run_by_hand
from collections_app.operations.stuck import check_stuck_collections, list_stuck

BY = "command:check_stuck_collections"


class Command(BaseCommand):
    help = (
        "Find collections that are under way for hours without a debit that the processor has"
        " accepted, and settle them by asking it. Exit code 1: some are stuck still."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="ask nothing, say how many")
        parser.add_argument("--json", action="store_true", help="print JSON")

    def handle(self, **options: Any) -> None:
        if options["dry_run"]:
            figures = {"stuck": len(list_stuck(now=timezone.now())), "settled": 0}
        else:
            figures = dict(run_by_hand("collections.check_stuck_collections", _check).figures)
        said = f"{figures['stuck']} collections were stuck, {figures['settled']} are settled now."
        self.stdout.write(json.dumps(figures) if options["json"] else said)
        if figures["stuck"] > figures["settled"]:
            sys.exit(1)


def _check(_run: Run) -> dict[str, int]:
    return check_stuck_collections(now=timezone.now(), by=BY).figures
