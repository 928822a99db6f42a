import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from bookedbarber.foundation.job_runs import Run
from bookedbarber.foundation.job_tasks import run_by_hand
from collections_app.operations.building import build_collections, preview_collections
from collections_app.operations.rent import accrue_rent

BY = "command:build_collections"


class Command(BaseCommand):
    help = "Accrue the rent that is due, and collect what barbers owe of periods that are over."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="build nothing, say how much")
        parser.add_argument("--json", action="store_true", help="print JSON")

    def handle(self, **options: Any) -> None:
        if options["dry_run"]:
            figures = preview_collections(by=BY, now=timezone.now()).figures
        else:
            figures = run_by_hand("collections.build_collections", _build).figures
        made = "Would build" if options["dry_run"] else "Built"
        said = f"{made} {figures['collections']} collections of {figures['lines']} lines."
        self.stdout.write(json.dumps(figures) if options["json"] else said)


def _build(_run: Run) -> dict[str, Any]:
    now = timezone.now()
    rents = accrue_rent(by=BY, now=now)
    return {"rents": rents, **build_collections(by=BY, now=now).figures}
