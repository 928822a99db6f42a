from django.core.management.base import BaseCommand
from django.utils import timezone

from bookedbarber.console.operations.timetable import seed_timetable


class Command(BaseCommand):
    help = "Add to the timetable what is missing there. Repeatable; edited entries stay."

    def handle(self, *args: object, **options: object) -> str:
        return f"Added {seed_timetable(now=timezone.now())} entries to the timetable."
