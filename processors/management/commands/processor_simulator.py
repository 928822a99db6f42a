"""`manage.py processor_simulator`: a local Stripe and Square."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from processors.simulator.server import serve
from processors.simulator.store import StateFileInUse


class Command(BaseCommand):
    help = "Run a local Stripe and Square until SIGTERM."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--port", type=int, default=8001)
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument(
            "--state", type=Path, required=True, help="SQLite file, made if missing"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            serve(port=options["port"], state=options["state"], host=options["host"])
        except (StateFileInUse, OSError) as error:
            raise CommandError(f"The simulator cannot start: {error}") from error
