from django.core.management.base import BaseCommand

from bookedbarber.console.operations.groups import seed_groups


class Command(BaseCommand):
    help = "Make the groups of the admin's users, with exactly their permissions. Repeatable."

    def handle(self, *args: object, **options: object) -> str:
        return f"Groups: {', '.join(seed_groups())}."
