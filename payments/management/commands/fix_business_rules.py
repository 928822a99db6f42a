from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from payments.operations.business_rules import fix_business_rules


class Command(BaseCommand):
    help = "Repair routing thresholds that make no sense, and say what changed."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="only say what would change")

    def handle(self, **options: Any) -> None:
        repairs = fix_business_rules(
            by="job:fix_business_rules", now=timezone.now(), dry_run=options["dry_run"]
        )
        for repair in repairs:
            name = repair.field.removesuffix("_minor")
            self.stdout.write(f"{repair.barber}: {name} {repair.before} → {repair.after}")
        verb = "would change" if options["dry_run"] else "changed"
        self.stdout.write(f"{len(repairs)} thresholds {verb}.")
