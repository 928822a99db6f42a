import json
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from bookedbarber.foundation.job_runs import Run
from bookedbarber.foundation.job_tasks import run_by_hand
from payments.operations.connection_health import update_connection_health


class Command(BaseCommand):
    help = "Ask the account of every live connection. Exit code 1: some did not answer."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="print JSON")

    def handle(self, **options: Any) -> None:
        def work(run: Run) -> dict[str, Any]:
            return update_connection_health(
                now=timezone.now(), on_progress=lambda figures: run.note(**figures)
            )

        figures = run_by_hand("payments.update_connection_health", work).figures
        said = f"{figures['answered']} connections answered, {figures['failed']} did not."
        self.stdout.write(json.dumps(figures) if options["json"] else said)
        if figures["failed"]:
            sys.exit(1)
