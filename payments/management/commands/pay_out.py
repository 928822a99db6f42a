from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from payments.operations.payouts import pay_out
from payments.queries.payables import list_payables

BY = "command:pay_out"


class Command(BaseCommand):
    help = "Pay barbers what can be paid now; --dry-run says what that is, and why others wait."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--barber", type=int, help="this barber's id only")
        parser.add_argument("--dry-run", action="store_true", help="pay nothing")

    def handle(self, **options: Any) -> None:
        barber_ids = None if options["barber"] is None else [options["barber"]]
        if options["dry_run"]:
            self._explain(barber_ids)
        else:
            self._pay(barber_ids)

    def _explain(self, barber_ids: list[int] | None) -> None:
        payables = list_payables(now=timezone.now(), barber_ids=barber_ids)
        for payable in payables:
            self.stdout.write(
                f"barber {payable.barber_id} {payable.barber_name}: {payable.decision.explanation}"
            )
        if not payables:
            self.stdout.write("Nobody is owed anything.")

    def _pay(self, barber_ids: list[int] | None) -> None:
        made = pay_out(by=BY, now=timezone.now(), barber_ids=barber_ids)
        for payout in made:
            why = f": {payout.failure_message}" if payout.failure_message else ""
            self.stdout.write(f"{payout.public_id} {payout.amount} {payout.state}{why}")
        self.stdout.write(f"Payouts made: {len(made)}.")
