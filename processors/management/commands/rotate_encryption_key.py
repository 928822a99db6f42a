"""`manage.py rotate_encryption_key`: after a new key was put first in ENCRYPTION_KEY."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from processors.operations.encryption_keys import Rotation, rotate_encryption_keys


class Command(BaseCommand):
    help = "Encrypt all secrets of accounts with the first key of ENCRYPTION_KEY. Repeatable."

    def handle(self, *args: Any, **options: Any) -> None:
        rotation = rotate_encryption_keys(by="job:rotate_encryption_key", on_progress=self._show)
        if rotation.unreadable:
            names = ", ".join(rotation.unreadable)
            raise CommandError(f"No key in ENCRYPTION_KEY opens the secrets of {names}.")
        self.stdout.write(
            f"All {rotation.total} sealed rows are under the first key; "
            f"{rotation.resealed} were encrypted again. Older keys may be removed."
        )

    def _show(self, rotation: Rotation) -> None:
        self.stdout.write(
            f"{rotation.seen} of {rotation.total} sealed rows, {rotation.resealed} encrypted again"
        )
