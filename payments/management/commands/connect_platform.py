from django.core.management.base import BaseCommand
from django.utils import timezone

from payments.operations.connections import connect_platform


class Command(BaseCommand):
    help = "Connect the platform's own Stripe account from the settings, or renew it."

    def handle(self, **options: object) -> str:
        connection = connect_platform(by="job:connect_platform", now=timezone.now())
        return f"The platform is connected as {connection.account_id}."
