import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from collections_app.operations.attempts import find_due, process_collections

BY = "command:process_collections"


class Command(BaseCommand):
    help = "Take the collections that are due: from the next payout, or by debit."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="take nothing, say which")
        parser.add_argument("--json", action="store_true", help="print JSON")

    def handle(self, **options: Any) -> None:
        now = timezone.now()
        if options["dry_run"]:
            due = [f"{row.public_id} {row.amount}" for row in find_due(now=now)]
            self._say(options, {"due": due}, "\n".join([*due, f"Due: {len(due)}."]))
            return
        attempted = process_collections(now=now, by=BY)
        self._say(options, {"attempted": attempted}, f"Attempted: {attempted}.")

    def _say(self, options: dict[str, Any], figures: dict[str, Any], words: str) -> None:
        self.stdout.write(json.dumps(figures) if options["json"] else words)
