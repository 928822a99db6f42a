import json
import sys
from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from processors.operations.diagnosis import diagnose_connection
from processors.queries.connections import find_connection
from processors.transport.diagnosis import Verdict


class Command(BaseCommand):
    help = "Try DNS, TCP, TLS, HTTP and the credentials of a connection. Exit code 1: one failed."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("id", help="con_… or the number")
        parser.add_argument("--json", action="store_true", help="print JSON")

    def handle(self, **options: Any) -> None:
        connection = find_connection(options["id"])
        if connection is None:
            raise CommandError(f"There is no connection {options['id']}.")
        steps = diagnose_connection(connection=connection)
        if options["json"]:
            found = {"connection": connection.public_id, "steps": [asdict(step) for step in steps]}
            self.stdout.write(json.dumps(found, indent=2))
        else:
            self.stdout.write(f"{connection}, {connection.get_state_display().lower()}")
            for step in steps:
                line = f"{step.name:12}{step.verdict:9}{step.milliseconds:6} ms  {step.explanation}"
                self.stdout.write(line)
        if any(step.verdict is Verdict.FAILED for step in steps):
            sys.exit(1)
