import json
import sys
from argparse import ArgumentParser
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime

from bookedbarber.foundation.errors import DomainError
from payments.models import SyncRun
from payments.operations.syncing.running import Progress
from payments.operations.syncs import READABLE_STATES, sync_connection
from payments.states import SyncOutcome
from processors.models import Connection

BY = "job:sync_transactions"
BAR = 24


class Command(BaseCommand):
    help = "Read the processors' lists and record every movement in them. Can be stopped anywhere."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--connection", metavar="ID", help="of one account; default all")
        parser.add_argument("--since", metavar="MOMENT", help="older history, such as 2026-01-31")
        parser.add_argument("--force", action="store_true", help="read everything again")
        parser.add_argument("--dry-run", action="store_true", help="only say what would be read")
        parser.add_argument("--json", action="store_true", help="print the figures as JSON")

    def handle(self, **options: Any) -> None:
        since = _read_moment(options["since"])
        connections = list(_find(options["connection"]))
        if options["dry_run"]:
            for connection in connections:
                self.stdout.write(_describe_plan(connection))
            return
        results = [
            self._sync(connection, since=since, force=options["force"], quiet=options["json"])
            for connection in connections
        ]
        if options["json"]:
            self.stdout.write(json.dumps(results, indent=2))
        failed = [result for result in results if result["status"] != SyncOutcome.COMPLETED]
        if failed:
            raise CommandError(f"{len(failed)} of {len(results)} did not come to their end.")

    def _sync(
        self, connection: Connection, *, since: datetime | None, force: bool, quiet: bool
    ) -> dict[str, Any]:
        shows_bar = not quiet and sys.stderr.isatty()
        try:
            run = sync_connection(
                connection=connection,
                by=BY,
                now=timezone.now(),
                since=since,
                force=force,
                on_progress=self._show if shows_bar else lambda _: None,
            )
            result = _describe(connection, run)
        except DomainError as error:
            result = {
                "connection": connection.public_id,
                "status": "skipped",
                "error": error.message,
            }
        if not quiet:
            self.stdout.write(_to_line(connection, result))
        return result

    def _show(self, progress: Progress) -> None:
        filled = round(progress.share * BAR)
        run = progress.run
        self.stderr.write(
            f"\r\033[K{progress.list_name:22}[{'#' * filled:{BAR}}] {progress.share:4.0%}"
            f"  seen {run.seen:,}  new {run.new:,}  changed {run.changed:,}",
            ending="",
        )


def _find(wanted: str | None) -> QuerySet[Connection]:
    rows = Connection.objects.in_environment(settings.ENVIRONMENT).order_by("pk")
    if wanted is None:
        return rows.filter(state__in=READABLE_STATES)
    number = int(wanted) if wanted.isdecimal() else 0
    found = rows.filter(Q(public_id=wanted) | Q(pk=number))
    if not found:
        raise CommandError(f"There is no connection {wanted}.")
    return found


def _read_moment(text: str | None) -> datetime | None:
    """A moment, or the beginning of a day; without an offset it is UTC."""
    if text is None:
        return None
    try:
        moment, day = parse_datetime(text), parse_date(text)
    except ValueError as error:
        raise CommandError(f"--since: {text} is no moment.") from error
    if moment is None and day is None:
        raise CommandError(f"--since: {text} is no moment.")
    if moment is None and day is not None:
        moment = datetime(day.year, day.month, day.day, tzinfo=UTC)
    assert moment is not None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _describe(connection: Connection, run: SyncRun) -> dict[str, Any]:
    figures = ("seen", "new", "changed", "unchanged", "unreadable", "not_used", "error")
    return {
        "connection": connection.public_id,
        "run": run.public_id,
        "status": run.status,
        **{name: getattr(run, name) for name in figures},
    }


def _describe_plan(connection: Connection) -> str:
    cursors = connection.sync_cursors.order_by("list_name")
    places = [
        f"{row.list_name} {'goes on' if row.is_reading else 'read until'}"
        f" {row.since if row.is_reading else row.read_until:%Y-%m-%d %H:%M}"
        for row in cursors
    ]
    first = f"from {connection.first_connected_at:%Y-%m-%d %H:%M} on, for the first time"
    return f"{connection.public_id} {connection.name}: {', '.join(places) or first}"


def _to_line(connection: Connection, result: dict[str, Any]) -> str:
    line = f"{connection.public_id} {connection.name}: {result['status']}"
    if "seen" in result:
        names = ("seen", "new", "changed", "unchanged")
        line += ", " + ", ".join(f"{result[name]:,} {name}" for name in names)
    unreadable = [f"{one['external_id']} ({one['field']})" for one in result.get("unreadable", [])]
    if unreadable:
        line += f"; could not be read: {', '.join(unreadable)}"
    return f"{line}; {result['error']}" if result["error"] else line
