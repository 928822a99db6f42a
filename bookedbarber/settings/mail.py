"""Mail: without a server it is written to files."""

from .surroundings import HOME
from .variables import env

EMAIL_HOST = env.str("EMAIL_HOST", default="")
EMAIL_PORT = env.int("EMAIL_PORT", default=587)
EMAIL_HOST_USER = env.str("EMAIL_HOST_USER", default="")
EMAIL_HOST_PASSWORD = env.str("EMAIL_HOST_PASSWORD", default="")
EMAIL_USE_TLS = env.bool("EMAIL_USE_TLS", default=True)
EMAIL_TIMEOUT = env.int("EMAIL_TIMEOUT_SECONDS", default=15)
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="BookedBarber <no-reply@localhost>")
EMAIL_BACKEND = "django.core.mail.backends." + (
    "smtp.EmailBackend" if EMAIL_HOST else "filebased.EmailBackend"
)
EMAIL_FILE_PATH = HOME / "mail"
# After which times a failed mail is tried again; the last one repeats, until it is given up.
MAIL_RETRY_SECONDS = env.list(
    "MAIL_RETRY_SECONDS", cast=float, default=[30, 120, 600, 3600, 14_400]
)
MAIL_GIVE_UP_SECONDS = env.float("MAIL_GIVE_UP_SECONDS", default=3 * 86_400.0)
# How long a worker may take for one mail before another sends it.
MAIL_LEASE_SECONDS = env.float("MAIL_LEASE_SECONDS", default=120.0)
MAIL_DAYS = env.int("MAIL_DAYS", default=365)
