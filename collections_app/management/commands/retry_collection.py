from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from bookedbarber.foundation.errors import DomainError
from collections_app.models import PlatformCollection
from collections_app.operations.attempts import retry_collection
from collections_app.states import CollectionMethod

BY = "command:retry_collection"


class Command(BaseCommand):
    help = "Try again to take a collection that is due or has failed. Exit code 1: it is refused."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("collection", help="its id: col_…")
        parser.add_argument("--reason", required=True, help="why it is tried again")
        methods = [method.value for method in CollectionMethod]
        parser.add_argument("--method", choices=methods, help="otherwise whatever is saved")

    def handle(self, **options: Any) -> None:
        method = options["method"]
        try:
            attempt = retry_collection(
                collection=PlatformCollection.objects.get(public_id=options["collection"]),
                method=None if method is None else CollectionMethod(method),
                reason=options["reason"],
                by=BY,
                now=timezone.now(),
            )
        except PlatformCollection.DoesNotExist:
            raise CommandError(f"There is no collection {options['collection']}.") from None
        except DomainError as error:
            raise CommandError(f"{error.message}.") from error
        why = f": {attempt.failure_message}" if attempt.failure_message else ""
        self.stdout.write(f"{attempt.public_id} {attempt.amount} {attempt.state}{why}")
