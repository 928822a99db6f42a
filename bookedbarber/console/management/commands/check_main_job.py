from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from bookedbarber.console.operations.main_job.checking import Finding, check_main_job
from bookedbarber.foundation.errors import DomainError
from payments.queries.book_checks import verify_books


class Command(BaseCommand):
    help = "Take sales through the running API, compare what comes of them, verify the books."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--url", required=True, help="where the API answers")

    def handle(self, **options: Any) -> None:
        try:
            wrong = [self._print(finding) for finding in check_main_job(url=options["url"])]
        except DomainError as error:
            raise CommandError(error.message) from error
        offences = [offence for _, found in verify_books() for offence in found]
        self.stdout.write(f"The books: {len(offences)} offences found.")
        if any(wrong) or offences:
            raise CommandError("The main job does not work.")
        self.stdout.write(self.style.SUCCESS("The main job works."))

    def _print(self, finding: Finding) -> bool:
        scenario = finding.scenario
        mark = "WRONG" if finding.problems else "ok"
        self.stdout.write(f"{mark:6}{scenario.name} of {scenario.amount}: HTTP {finding.status}")
        for path, value in finding.facts.items():
            self.stdout.write(f"        {path.rpartition('.')[2].replace('_', ' ')}: {value}")
        entries = ", ".join(f"{code} {amount}" for code, amount in finding.entries)
        self.stdout.write(f"        ledger: {entries or 'nothing'}")
        for problem in finding.problems:
            self.stdout.write(f"        {problem}")
        return bool(finding.problems)
