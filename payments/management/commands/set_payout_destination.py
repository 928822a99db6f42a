from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from bookedbarber.accounts.models import Barber
from bookedbarber.foundation.errors import DomainError
from payments.operations.payout_destinations import set_payout_destination


class Command(BaseCommand):
    help = "Pay a barber out to this account, which must be connected to the platform's."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("barber", type=int)
        parser.add_argument("account", help="such as acct_1PgafTB7WZ01zgkW")

    def handle(self, **options: Any) -> None:
        barber = Barber.objects.filter(pk=options["barber"]).first()
        if barber is None:
            raise CommandError("There is no such barber.")
        try:
            destination = set_payout_destination(
                barber=barber,
                account_id=options["account"],
                by="command:set_payout_destination",
                now=timezone.now(),
            )
        except DomainError as error:
            raise CommandError(f"{error.message}.") from error
        ready = "ready" if destination.is_ready else destination.obstacle
        self.stdout.write(f"{barber} is paid out to {destination.connection}: {ready}")
