from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from bookedbarber.console.operations.demo.loading import load_demo


class Command(BaseCommand):
    help = "Load the demo: two shops, eight barbers, three months of sales. Does it once."

    def handle(self, **options: object) -> str:
        if not settings.SIMULATED_PROCESSORS:
            raise CommandError("Demo data are for simulated processors only.")
        made = load_demo(now=timezone.now())
        if not made:
            return "The demo data are there."
        return "Loaded " + ", ".join(f"{count} {name}" for name, count in made.items()) + "."
