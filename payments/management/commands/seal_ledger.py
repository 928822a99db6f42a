from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from bookedbarber.foundation.job_runs import Run
from bookedbarber.foundation.job_tasks import run_by_hand
from payments.operations.seals import seal_ledger


class Command(BaseCommand):
    help = "Seal the ledger's closed days, as the hourly job does; verify_books recomputes them."

    def handle(self, **options: Any) -> None:
        def work(_run: Run) -> dict[str, int]:
            return {"sealed": seal_ledger(now=timezone.now())}

        row = run_by_hand("payments.seal_ledger", work)
        self.stdout.write(f"Days sealed: {row.figures['sealed']}.")
