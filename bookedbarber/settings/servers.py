"""Database and Redis: the embedded ones unless an address is given."""

from bookedbarber import embedded

from .surroundings import HOME
from .variables import env

DATABASE_URL = env.str("DATABASE_URL", default="") or embedded.database_url(HOME)
DATABASES = {
    "default": {
        **env.db_url_config(DATABASE_URL),
        "CONN_MAX_AGE": env.int("DATABASE_CONNECTION_SECONDS", default=600),
        "CONN_HEALTH_CHECKS": True,
    }
}
DATABASES["default"].setdefault("OPTIONS", {})["connect_timeout"] = env.int(
    "DATABASE_CONNECT_TIMEOUT_SECONDS", default=5
)
STATEMENT_TIMEOUT_SECONDS = env.float("STATEMENT_TIMEOUT_SECONDS", default=30.0)
# A deadlock or serialisation failure repeats the transaction: times, and base of the wait.
TRANSACTION_RETRIES = env.int("TRANSACTION_RETRIES", default=3)
TRANSACTION_RETRY_SECONDS = env.float("TRANSACTION_RETRY_SECONDS", default=0.5)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = env.str("REDIS_URL", default="") or embedded.redis_url(HOME)
# After this the cache counts as away, and we go on without it.
REDIS_TIMEOUT_SECONDS = env.float("REDIS_TIMEOUT_SECONDS", default=1.0)
CACHES = {
    "default": {
        "BACKEND": "bookedbarber.foundation.caching.ForgivingRedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "bookedbarber",
        "OPTIONS": {
            "socket_timeout": REDIS_TIMEOUT_SECONDS,
            "socket_connect_timeout": REDIS_TIMEOUT_SECONDS,
        },
    }
}

# The embedded servers serve development; production names its own unless told otherwise.
EMBEDDED_SERVICES = not (env.str("DATABASE_URL", default="") and env.str("REDIS_URL", default=""))
