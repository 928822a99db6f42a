"""`manage.py check --deploy` names what is missing or unsafe about processors."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register


@register(Tags.security, deploy=True)
def platform_account_is_complete(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    if bool(settings.STRIPE_SECRET_KEY) == bool(settings.STRIPE_ACCOUNT_ID):
        return []
    missing = "STRIPE_ACCOUNT_ID" if settings.STRIPE_SECRET_KEY else "STRIPE_SECRET_KEY"
    return [
        Error(
            "The platform's Stripe account is configured by half.",
            hint=f"Set {missing}, or leave both empty.",
            id="processors.E001",
        )
    ]


@register(Tags.security, deploy=True)
def production_speaks_to_real_processors(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    if not settings.IS_PRODUCTION:
        return []
    problems = {
        "SIMULATED_PROCESSORS": settings.SIMULATED_PROCESSORS,
        "PROCESSOR_VERIFY_TLS": not settings.PROCESSOR_VERIFY_TLS,
        "STRIPE_API_BASE": settings.STRIPE_API_BASE.startswith("http://"),
        "SQUARE_API_BASE": settings.SQUARE_API_BASE.startswith("http://"),
    }
    return [
        Error(f"{name} must not be set like this in production.", id="processors.E002")
        for name, is_wrong in problems.items()
        if is_wrong
    ]
