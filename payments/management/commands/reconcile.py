import json
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db.models import Q
from django.utils import timezone

from payments.models import ReconciliationRun
from payments.operations.reconciliations import reconcile_connections
from payments.states import ReconciliationOutcome
from processors.models import Connection

BY = "command:reconcile"


class Command(BaseCommand):
    help = (
        "Compare our records with what processors list. Exit code 1: some account was not read."
        " What is found is in the admin, with suggested fixes."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--days", type=int, default=7, help="how far back [7]")
        parser.add_argument("--barber", type=int, metavar="ID", help="this barber's accounts only")
        parser.add_argument("--connection", metavar="ID", help="this account only")
        parser.add_argument("--dry-run", action="store_true", help="count only; write nothing")
        parser.add_argument("--json", action="store_true", help="print the figures as JSON")

    def handle(self, **options: Any) -> None:
        if options["days"] < 1:
            raise CommandError("--days: at least 1.")
        runs = reconcile_connections(
            days=options["days"],
            by=BY,
            now=timezone.now(),
            barber_id=options["barber"],
            connection_id=_find(options["connection"]),
            is_dry=options["dry_run"],
        )
        results = []
        for run in runs:
            results.append(_describe(run))
            if not options["json"]:
                self.stdout.write(_to_line(results[-1]))
        if options["json"]:
            self.stdout.write(json.dumps(results, indent=2))
        elif not results:
            self.stdout.write("There is no account to reconcile.")
        failed = [one for one in results if one["status"] != ReconciliationOutcome.COMPLETED]
        if failed:
            raise CommandError(f"{len(failed)} of {len(results)} could not be read.")


def _find(wanted: str | None) -> int | None:
    if wanted is None:
        return None
    number = int(wanted) if wanted.isdecimal() else 0
    rows = Connection.objects.in_environment(settings.ENVIRONMENT)
    found = rows.filter(Q(public_id=wanted) | Q(pk=number)).first()
    if found is None:
        raise CommandError(f"There is no connection {wanted}.")
    return found.pk


def _describe(run: ReconciliationRun) -> dict[str, Any]:
    figures = ("here", "there", "matched", "found", "opened", "resolved", "error")
    return {
        "barber": run.connection.owner_id,
        "connection": run.connection.public_id,
        "status": run.status,
        "since": run.since.isoformat(),
        "until": run.until.isoformat(),
        **{name: getattr(run, name) for name in figures},
    }


def _to_line(result: dict[str, Any]) -> str:
    whose = f"barber {result['barber']}" if result["barber"] else "the platform"
    head = f"{result['connection']} ({whose}): {result['status']}"
    if result["error"]:
        return f"{head}: {result['error']}"
    kinds = ", ".join(f"{number} {kind}" for kind, number in result["found"].items())
    return (
        f"{head}, {result['matched']} of {result['there']} there matched, {result['here']} here;"
        f" {kinds or 'no differences'}; {result['opened']} opened, {result['resolved']} resolved"
    )
