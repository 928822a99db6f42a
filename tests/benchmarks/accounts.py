"""The platform's account, which the benchmarks share."""

from django.conf import settings

from processors.models import PLATFORM_OWNER_ID, Connection
from tests import factories


def get_platform_connection() -> Connection:
    existing = Connection.objects.filter(owner_id=PLATFORM_OWNER_ID).first()
    if existing is not None:
        return existing
    return factories.create_platform_connection(
        credentials={"secret_key": settings.STRIPE_SECRET_KEY}
    )
