"""What every page shows of where it runs."""

from django.conf import settings
from django.http import HttpRequest


def surroundings(request: HttpRequest) -> dict[str, object]:
    return {
        "environment": settings.ENVIRONMENT,
        "processors_are_simulated": settings.SIMULATED_PROCESSORS,
    }


def describe_environment(request: HttpRequest) -> tuple[str, str]:
    """The badge in the admin: text and color."""
    if settings.SIMULATED_PROCESSORS:
        return "simulated processors", "warning"
    return settings.ENVIRONMENT, "danger" if settings.IS_PRODUCTION else "info"
