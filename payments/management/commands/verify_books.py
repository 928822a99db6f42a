import json
from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from payments.queries.book_checks import Check, Offence, verify_books


class Command(BaseCommand):
    help = "Prove that the books are right: each invariant by name, and where it does not hold."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="print the findings as JSON")

    def handle(self, **options: Any) -> None:
        findings = list(verify_books())
        offences = [offence for _, found in findings for offence in found]
        if options["json"]:
            self.stdout.write(json.dumps([asdict(offence) for offence in offences], indent=2))
        else:
            self._print(findings)
        if offences:
            raise CommandError(f"{len(offences)} offences found.")

    def _print(self, findings: list[tuple[Check, list[Offence]]]) -> None:
        for check, found in findings:
            self.stdout.write(f"{'WRONG' if found else 'ok':6}{check.name}: {check.holds}")
            for offence in found:
                self.stdout.write(
                    f"      {offence.what}: expected {offence.expected}, found {offence.found}"
                )
        if not any(found for _, found in findings):
            self.stdout.write("Nothing found: the books are right.")
