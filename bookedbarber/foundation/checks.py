"""Settings that are missing or insecure are named, each by its own name."""

from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.core.exceptions import ImproperlyConfigured
from django.http.request import validate_host

from .encryption import parse_keys
from .money import DECIMAL_PLACES

# How the settings' defaults for a developer's machine begin.
_DEVELOPMENT = "development-only"


@register(Tags.security)
def encryption_keys_are_usable(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    try:
        parse_keys(settings.ENCRYPTION_KEY)
    except ImproperlyConfigured as error:
        hint = "Comma-separated base64 keys of 32 bytes; the first encrypts."
        return [Error(str(error), hint=hint, id="bookedbarber.E001")]
    return []


@register(Tags.security)
def choices_are_known(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    problems = []
    if settings.ENVIRONMENT not in {"sandbox", "production"}:
        problems.append("ENVIRONMENT must be sandbox or production.")
    unknown = sorted(set(settings.CURRENCIES) - set(DECIMAL_PLACES))
    if unknown:
        problems.append(f"CURRENCIES names unknown ones: {', '.join(unknown)}.")
    if settings.DEFAULT_CURRENCY not in settings.CURRENCIES:
        problems.append("DEFAULT_CURRENCY must be one of CURRENCIES.")
    if not 0 < settings.PAYMENT_MINIMUM <= settings.PAYMENT_MAXIMUM:
        problems.append("PAYMENT_MINIMUM must be positive and at most PAYMENT_MAXIMUM.")
    if not 0 <= settings.DEFAULT_COMMISSION_RATE <= 100:
        problems.append("DEFAULT_COMMISSION_RATE must be from 0 to 100.")
    return [Error(problem, id="bookedbarber.E002") for problem in problems]


@register(Tags.security)
def addresses_make_sense(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """The addresses are not shown: they may hold a password."""
    problems = []
    if not _get_host(settings.PUBLIC_URL):
        problems.append("PUBLIC_URL must be an address such as https://pay.example.com.")
    if "postgresql" not in settings.DATABASES["default"].get("ENGINE", ""):
        problems.append("DATABASE_URL must be an address such as postgres://user@host/name.")
    if urlsplit(settings.REDIS_URL).scheme not in {"redis", "rediss", "unix"}:
        problems.append("REDIS_URL must be an address such as redis://host:6379/0.")
    if not urlsplit(settings.CELERY_BROKER_URL).scheme:
        problems.append("CELERY_BROKER_URL must be an address such as redis://host:6379/0.")
    return [Error(problem, id="bookedbarber.E004") for problem in problems]


@register(Tags.security, deploy=True)
def production_is_complete(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    if not settings.IS_PRODUCTION:
        return []
    problems = [*list_missing_secrets(), *_list_insecure_settings()]
    return [Error(problem, id="bookedbarber.E003") for problem in problems]


def list_missing_secrets() -> list[str]:
    """What production cannot do without, one sentence each."""
    names = ("SECRET_KEY", "ENCRYPTION_KEY", "STRIPE_SECRET_KEY")
    return [f"{name} is not set." for name in names if not _get_text(name)]


def refuse_without_secret_key() -> None:
    """Django itself cannot start without one, and would name nothing else that is missing.

    :raises ImproperlyConfigured: names every missing secret.
    """
    if not _get_text("SECRET_KEY"):
        raise ImproperlyConfigured(" ".join(list_missing_secrets()))


def _list_insecure_settings() -> list[str]:
    facts = {
        "SECRET_KEY must have at least 50 characters.": 0 < len(_get_text("SECRET_KEY")) < 50,
        "SECRET_KEY is the one for development.": _DEVELOPMENT in _get_text("SECRET_KEY"),
        "ENCRYPTION_KEY is the one for development.": _is_development_key(),
        "DATABASE_URL and REDIS_URL must name real servers in production.": (
            settings.EMBEDDED_SERVICES
        ),
        "PUBLIC_URL must begin with https://.": not settings.PUBLIC_URL.startswith("https://"),
        "ALLOWED_HOSTS must name the host of PUBLIC_URL.": not validate_host(
            _get_host(settings.PUBLIC_URL), settings.ALLOWED_HOSTS
        ),
        "ALLOWED_HOSTS must not be *.": "*" in settings.ALLOWED_HOSTS,
        "EMAIL_HOST must name a mail server: nobody is debited unannounced.": (
            not settings.EMAIL_HOST
        ),
        "DEBUG must be off.": settings.DEBUG,
    }
    return [problem for problem, is_so in facts.items() if is_so]


def _is_development_key() -> bool:
    try:
        keys = parse_keys(settings.ENCRYPTION_KEY)
    except ImproperlyConfigured:
        return False  # named above
    return any(key.startswith(_DEVELOPMENT.encode()) for key in keys)


def _get_text(name: str) -> str:
    try:
        return str(getattr(settings, name))
    except ImproperlyConfigured:  # Django's own answer to an empty SECRET_KEY
        return ""


def _get_host(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""
