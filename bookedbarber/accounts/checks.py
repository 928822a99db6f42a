"""The settings about logging in, checked at start."""

from typing import Any

from allauth.core.internal.ratelimit import parse_rates
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register


@register(Tags.security)
def login_limits_make_sense(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """A limit that cannot be read would refuse every login."""
    try:
        limits = parse_rates(settings.LOGIN_FAILURE_LIMITS)
    except ValueError:
        limits = []
    if limits:
        return []
    hint = "Such as 30/m/ip,5/5m/key: thirty a minute by address, five in five minutes by account."
    return [Error("LOGIN_FAILURE_LIMITS cannot be read.", hint=hint, id="accounts.E001")]
