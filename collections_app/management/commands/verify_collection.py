import json
from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from bookedbarber.foundation.errors import DomainError
from collections_app.management.arguments import find_collection
from collections_app.operations.verification import Verified, verify_collection

BY = "command:verify_collection"


class Command(BaseCommand):
    help = (
        "Calculate a collection anew from its lines, their sales and the books."
        " Exit code 1: something differs that is not corrected."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("collection", metavar="ID", help="such as col_01jd…")
        parser.add_argument("--fix", action="store_true", help="correct what was not taken yet")
        parser.add_argument("--json", action="store_true", help="print JSON")

    def handle(self, **options: Any) -> None:
        collection = find_collection(options["collection"])
        try:
            verified = verify_collection(
                collection=collection, fix=options["fix"], by=BY, now=timezone.now()
            )
        except DomainError as error:
            raise CommandError(f"{error.message}.") from error
        self.stdout.write(_to_json(verified) if options["json"] else _to_text(verified))
        if not verified.after.is_right:
            raise CommandError(f"{len(verified.after.faults)} faults left.")


def _to_json(verified: Verified) -> str:
    said = {
        "stored": str(verified.before.stored),
        "calculated": str(verified.before.calculated),
        "lines": verified.before.lines,
        "found": [asdict(fault) for fault in verified.before.faults],
        "left": [asdict(fault) for fault in verified.after.faults],
    }
    return json.dumps(said, indent=2)


def _to_text(verified: Verified) -> str:
    before = verified.before
    head = f"{before.lines} lines, calculated {before.calculated}, stored {before.stored}"
    faults = [
        f"{fault.code}: {fault.what}: expected {fault.expected}, found {fault.found}"
        for fault in before.faults
    ]
    corrected = len(before.faults) - len(verified.after.faults)
    end = [f"Corrected: {corrected}."] if corrected else []
    return "\n".join([head, *faults, *end] if faults else [f"{head}: right."])
