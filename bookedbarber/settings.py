"""Every setting, read from the environment or `.env`, grouped, each with its unit.

Defaults suit a developer's machine with the processor simulator. With ENVIRONMENT=production
nothing secret has a default: `manage.py check --deploy` names what is missing or insecure.
"""

from datetime import timedelta
from decimal import Decimal
from pathlib import Path

from bookedbarber import embedded
from bookedbarber.environment import ROOT, NamedEnv, get_home, load_env_file

load_env_file()
env = NamedEnv()


def secret(name: str, development: str) -> str:
    """A secret: required in production, where it stays empty for the checks to name."""
    return str(env.str(name, default="" if IS_PRODUCTION else development))


# ── Where and how it runs ──

ENVIRONMENT = env.str("ENVIRONMENT", default="sandbox")  # sandbox | production
IS_PRODUCTION = ENVIRONMENT == "production"
DEBUG = env.bool("DEBUG", default=False)
HOME = get_home()
PORT = env.int("PORT", default=8000)
SIMULATOR_PORT = env.int("SIMULATOR_PORT", default=PORT + 1)
PUBLIC_URL = env.str("PUBLIC_URL", default=f"http://127.0.0.1:{PORT}").rstrip("/")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost"])
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL] if PUBLIC_URL.startswith("https://") else []
SECRET_KEY = secret("SECRET_KEY", "development-only-secret-key-that-protects-nothing-of-value-7531")
# Comma-separated base64 keys of 32 bytes; the first encrypts, all decrypt.
ENCRYPTION_KEY = secret("ENCRYPTION_KEY", "ZGV2ZWxvcG1lbnQtb25seS1rZXktMzItYnl0ZXMtISE=")
ROOT_URLCONF = "bookedbarber.urls"
ROOT_EVENTCONF = "bookedbarber.event_routes"
# Whose debits movements are, and who hears of them: an app may not import those above it.
DEBIT_BOOK = "collections_app.operations.debit_book"
# What `verify_books` proves; an app may not import those above it.
BOOK_CHECKS = [
    "payments.queries.book_checks.CHECKS",
    "collections_app.queries.book_checks.COLLECTION_CHECKS",
    "collections_app.queries.attempt_checks.ATTEMPT_CHECKS",
]
WSGI_APPLICATION = "bookedbarber.wsgi.application"

INSTALLED_APPS = [
    "bookedbarber.foundation",
    "bookedbarber.accounts",
    "bookedbarber.bookings",
    "bookedbarber.notifications",
    "processors",
    "payments",
    "collections_app",
    "analytics",
    "bookedbarber.console",
    "unfold",
    "unfold.contrib.filters",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "rest_framework",
    "rest_framework_simplejwt.token_blacklist",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "pgtrigger",
]

MIDDLEWARE = [
    "bookedbarber.foundation.request_ids.RequestIdMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "bookedbarber.foundation.api.throttles.RateLimitHeadersMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [ROOT / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "bookedbarber.console.context_processors.surroundings",
            ],
        },
    },
]

# ── Database and Redis: the embedded ones unless an address is given ──

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

# ── Celery: messages only wake a worker ──

CELERY_BROKER_URL = env.str("CELERY_BROKER_URL", default="") or (
    env.str("REDIS_URL", default="") or embedded.broker_url(HOME)
)
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_SERIALIZER = "json"
CELERY_TIMEZONE = "UTC"
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 3600}
CELERY_BEAT_SCHEDULER = "bookedbarber.beat:TimetableScheduler"
# Money in doubt is asked about by workers of its own: events and syncs may take long.
CELERY_TASK_ROUTES = {
    f"{app}.{sweep}_*": {"queue": "outcomes"}
    for app in ("payments", "collections")
    for sweep in ("mark_lost", "settle_unknown")
}
# A job's slot is kept by a lease; a process that dies leaves it to the next after this.
JOB_LEASE_SECONDS = env.float("JOB_LEASE_SECONDS", default=60.0)
JOB_TRIES = env.int("JOB_TRIES", default=5)
JOB_RUN_DAYS = env.int("JOB_RUN_DAYS", default=90)

# ── Languages and time: moments are UTC; days are the barber's ──

LANGUAGE_CODE = "en-us"
USE_I18N = False
USE_TZ = True
TIME_ZONE = "UTC"
FORMAT_MODULE_PATH = ["bookedbarber.formats"]

# ── Static files ──

STATIC_URL = "static/"
STATIC_ROOT = HOME / "static"
STATICFILES_DIRS = [ROOT / "bookedbarber" / "static"]
# With a manifest, files are served compressed and for ever from STATIC_ROOT (`collectstatic`);
# without, straight from the source.
STATIC_MANIFEST = env.bool("STATIC_MANIFEST", default=not DEBUG)
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if STATIC_MANIFEST
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = not STATIC_MANIFEST
WHITENOISE_AUTOREFRESH = not STATIC_MANIFEST

# ── Logging in ──

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "bookedbarber.accounts.login.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_EMAIL_NOTIFICATIONS = False
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_LOGOUT_REDIRECT_URL = "/"
# Failed logins per address and per account before a lockout, as django-allauth writes rates.
LOGIN_FAILURE_LIMITS = env.str("LOGIN_FAILURE_LIMITS", default="30/m/ip,5/5m/key")
ACCOUNT_RATE_LIMITS = {"login_failed": LOGIN_FAILURE_LIMITS, "login": "60/m/ip"}
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"

# ── Transport security: on in production, off on a developer's machine ──

SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", default=IS_PRODUCTION)
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_REDIRECT_EXEMPT = [r"^health$", r"^ready$"]
SECURE_HSTS_SECONDS = env.int("SECURE_HSTS_SECONDS", default=31_536_000 if IS_PRODUCTION else 0)
SECURE_HSTS_INCLUDE_SUBDOMAINS = IS_PRODUCTION
SECURE_HSTS_PRELOAD = IS_PRODUCTION
SESSION_COOKIE_SECURE = IS_PRODUCTION
CSRF_COOKIE_SECURE = IS_PRODUCTION
SECURE_CONTENT_TYPE_NOSNIFF = True
X_FRAME_OPTIONS = "DENY"

# ── API ──

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "bookedbarber.accounts.api.authentication.TokenAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["bookedbarber.foundation.api.parsers.StrictJSONParser"],
    "EXCEPTION_HANDLER": "bookedbarber.foundation.api.errors.handle_exception",
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "UNAUTHENTICATED_USER": None,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "BookedBarber",
    "DESCRIPTION": "Payments for barbers: central, decentral and by rules.",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "SERVE_AUTHENTICATION": [],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "processors.api.webhook_schema.add_webhook_addresses",
    ],
}
SIMPLE_JWT = {
    "ACCESS_TOKEN_LIFETIME": timedelta(
        seconds=env.int("ACCESS_TOKEN_SECONDS", default=900),
    ),
    "REFRESH_TOKEN_LIFETIME": timedelta(
        seconds=env.int("REFRESH_TOKEN_SECONDS", default=7 * 86_400),
    ),
    "ROTATE_REFRESH_TOKENS": True,
    "BLACKLIST_AFTER_ROTATION": True,
    "CHECK_REVOKE_TOKEN": True,
    "USER_ID_FIELD": "public_id",
    "USER_ID_CLAIM": "sub",
}
DATA_UPLOAD_MAX_MEMORY_SIZE = env.int("REQUEST_BODY_MAX_BYTES", default=1_048_576)
# Requests per hour and user or key.
THROTTLE_LIMITS = {
    "processing": env.int("THROTTLE_PROCESSING_PER_HOUR", default=100),
    "routing": env.int("THROTTLE_ROUTING_PER_HOUR", default=1000),
    "connections": env.int("THROTTLE_CONNECTIONS_PER_HOUR", default=50),
    "collections": env.int("THROTTLE_COLLECTIONS_PER_HOUR", default=500),
    # By connection; an application's address counts as one.
    "webhooks": env.int("THROTTLE_WEBHOOKS_PER_HOUR", default=10_000),
}
IDEMPOTENCY_KEY_DAYS = env.int("IDEMPOTENCY_KEY_DAYS", default=7)

# ── Money ──

CURRENCIES = env.list("CURRENCIES", default=["USD", "AUD", "GBP", "CAD", "NZD"])
DEFAULT_CURRENCY = env.str("DEFAULT_CURRENCY", default="USD")
# Major units, for each sale.
PAYMENT_MINIMUM = env("PAYMENT_MINIMUM", cast=Decimal, default=Decimal("1.00"))
PAYMENT_MAXIMUM = env("PAYMENT_MAXIMUM", cast=Decimal, default=Decimal("2000.00"))
PAYMENT_MAXIMUM_BY_CURRENCY = {
    currency: Decimal(amount)
    for currency, amount in env.dict(
        "PAYMENT_MAXIMUM_BY_CURRENCY", default={"GBP": "1000.00"}
    ).items()
}
# Major units: a split sale's legs are at least what processors take as one payment.
SPLIT_LEG_MINIMUM = env("SPLIT_LEG_MINIMUM", cast=Decimal, default=Decimal("0.50"))
# Percent.
DEFAULT_COMMISSION_RATE = env("DEFAULT_COMMISSION_RATE", cast=Decimal, default=Decimal(20))
# How long a refund, dispute or reversal may wait for what it is about before a person is told.
MISSING_PARENT_HOURS = env.int("MISSING_PARENT_HOURS", default=24)
# How long after its end a day of the ledger is sealed: at least half an hour.
LEDGER_SEAL_DELAY_SECONDS = env.float("LEDGER_SEAL_DELAY_SECONDS", default=3600.0)
ROUTING_CACHE_SECONDS = env.int("ROUTING_CACHE_SECONDS", default=3600)

# ── Calls to processors ──

SIMULATED_PROCESSORS = env.bool("SIMULATED_PROCESSORS", default=not IS_PRODUCTION)
SIMULATOR_URL = f"http://127.0.0.1:{SIMULATOR_PORT}"
PROCESSOR_TIMEOUT_SECONDS = env.float("PROCESSOR_TIMEOUT_SECONDS", default=20.0)
PROCESSOR_CONNECT_TIMEOUT_SECONDS = env.float("PROCESSOR_CONNECT_TIMEOUT_SECONDS", default=5.0)
PROCESSOR_KEEPALIVE_SECONDS = env.float("PROCESSOR_KEEPALIVE_SECONDS", default=5.0)
PROCESSOR_CA_BUNDLE = env.str("PROCESSOR_CA_BUNDLE", default="")
PROCESSOR_VERIFY_TLS = env.bool("PROCESSOR_VERIFY_TLS", default=True)
# Repeats of what is safe to repeat: how many, and how long before the first; each wait is longer.
PROCESSOR_RETRIES = env.int("PROCESSOR_RETRIES", default=3)
PROCESSOR_RETRY_SECONDS = env.float("PROCESSOR_RETRY_SECONDS", default=2.0)
PROCESSOR_RETRY_FACTOR = env.float("PROCESSOR_RETRY_FACTOR", default=1.5)
# An account that fails this often in a row within the window is left alone for a while.
BREAKER_FAILURES = env.int("BREAKER_FAILURES", default=5)
BREAKER_WINDOW_SECONDS = env.float("BREAKER_WINDOW_SECONDS", default=30.0)
BREAKER_OPEN_SECONDS = env.float("BREAKER_OPEN_SECONDS", default=15.0)

# ── Charges, and questions about outcomes that are unknown ──

# Total time for one charge on a request path, and for one question about an unknown outcome.
CHARGE_BUDGET_SECONDS = env.float("CHARGE_BUDGET_SECONDS", default=20.0)
QUESTION_BUDGET_SECONDS = env.float("QUESTION_BUDGET_SECONDS", default=15.0)
# How long of that an account's list may be read: what is not found in it by then is repeated.
LIST_SECONDS = env.float("LIST_SECONDS", default=6.0)
# How long a claimed charge may be under way before its outcome counts as unknown.
CHARGE_LEASE_SECONDS = env.float("CHARGE_LEASE_SECONDS", default=60.0)
# After which times an unknown outcome is asked about; the last one repeats.
QUESTION_SCHEDULE_SECONDS = env.list(
    "QUESTION_SCHEDULE_SECONDS", cast=float, default=[5, 15, 60, 300, 3600, 86_400]
)
# A sweep of a long queue makes room for the next one after this time.
SWEEP_SECONDS = env.float("SWEEP_SECONDS", default=20.0)
# While an account gives no answer at all, one of its unknown outcomes is asked about this often.
PROBE_SECONDS = env.float("PROBE_SECONDS", default=15.0)
# Processors forget idempotency keys after a day; a charge is repeated only well before.
REPEAT_WINDOW_SECONDS = {
    "stripe": env.float("STRIPE_REPEAT_WINDOW_SECONDS", default=23 * 3600.0),
    "square": env.float("SQUARE_REPEAT_WINDOW_SECONDS", default=23 * 3600.0),
}

# ── Syncs ──

# Total time for one page of an account's list, repeats included.
PROCESSOR_LIST_SECONDS = env.float("PROCESSOR_LIST_SECONDS", default=120.0)
# What is read again before the last reading's start: late rows, and clocks that differ.
SYNC_OVERLAP_SECONDS = env.float("SYNC_OVERLAP_SECONDS", default=3600.0)
# Pages that are stored in one transaction; a killed sync reads at most these again.
SYNC_BATCH_PAGES = env.int("SYNC_BATCH_PAGES", default=10)
# A longer sync stops after this time, and a further job goes on from there.
SYNC_JOB_SECONDS = env.float("SYNC_JOB_SECONDS", default=900.0)
# What somebody asked for is queued again after this time: the first message may be lost.
SYNC_REQUEST_SECONDS = env.float("SYNC_REQUEST_SECONDS", default=60.0)
# Runs are kept for this long.
SYNC_RUN_DAYS = env.int("SYNC_RUN_DAYS", default=90)
# Accounts with a sale in these days are read every few minutes, all others daily.
SYNC_LIVE_DAYS = env.int("SYNC_LIVE_DAYS", default=7)

# ── Reconciliation ──

# What the weekly reconciliation compares.
RECONCILIATION_DAYS = env.int("RECONCILIATION_DAYS", default=7)
# What moved within this time before a reconciliation may still be on its way here.
RECONCILIATION_GRACE_SECONDS = env.float("RECONCILIATION_GRACE_SECONDS", default=900.0)
# Minor units: a difference of up to the first is none, one above the second is urgent.
RECONCILIATION_TOLERANCE_MINOR = env.int("RECONCILIATION_TOLERANCE_MINOR", default=1)
RECONCILIATION_URGENT_MINOR = env.int("RECONCILIATION_URGENT_MINOR", default=100)
# Megabytes that the database may hold for each sort or join of a comparison.
RECONCILIATION_MEMORY_MB = env.int("RECONCILIATION_MEMORY_MB", default=64)
# Two equal sales of a barber within this time count as one visit paid twice.
SAME_VISIT_SECONDS = env.float("SAME_VISIT_SECONDS", default=900.0)
# How long after, and before, an appointment's start a sale of its price may be for it.
VISIT_PAID_AFTER_SECONDS = env.float("VISIT_PAID_AFTER_SECONDS", default=3 * 3600.0)
VISIT_PAID_BEFORE_SECONDS = env.float("VISIT_PAID_BEFORE_SECONDS", default=1800.0)
# Missing objects that a reconciliation asks the processor about, one call each.
RECONCILIATION_QUESTIONS = env.int("RECONCILIATION_QUESTIONS", default=200)

# ── Payers and their holds ──

# How long a payer may take to authenticate, or to open and use a payment page.
AUTHENTICATION_SECONDS = env.float("AUTHENTICATION_SECONDS", default=900.0)
# A person is told of a hold that was not captured so long before it ends by itself.
HOLD_WARNING_SECONDS = env.float("HOLD_WARNING_SECONDS", default=3600.0)
CHECKOUT_SECONDS = env.float("CHECKOUT_SECONDS", default=3600.0)

# ── Payouts ──

# Major units; less than this waits for the next payout.
PAYOUT_MINIMUM = env("PAYOUT_MINIMUM", cast=Decimal, default=Decimal("1.00"))
# A sale whose fee is still unknown after this is paid out less an estimate.
PAYOUT_FEE_WAIT_DAYS = env.int("PAYOUT_FEE_WAIT_DAYS", default=3)
# How long a batch of claimed payouts may be under way before their outcomes count as unknown.
PAYOUT_LEASE_SECONDS = env.float("PAYOUT_LEASE_SECONDS", default=600.0)
# How old the word of a receiving account may be when it is paid.
PAYOUT_ACCOUNT_SECONDS = env.float("PAYOUT_ACCOUNT_SECONDS", default=3600.0)

# ── Collections ──

# How long before it is due a barber is told of a collection, and can contest its lines.
COLLECTION_NOTICE_DAYS = env.int("COLLECTION_NOTICE_DAYS", default=2)
# After so long without anything new, what a barber owes and is owed is carried over.
CARRY_OVER_IDLE_DAYS = env.int("CARRY_OVER_IDLE_DAYS", default=30)
# How long one attempt may be under way before it counts as lost.
COLLECTION_LEASE_SECONDS = env.float("COLLECTION_LEASE_SECONDS", default=60.0)
# After which times a debit that failed is tried again, if that can help.
COLLECTION_RETRY_SECONDS = env.list(
    "COLLECTION_RETRY_SECONDS", cast=float, default=[3600, 14_400, 86_400]
)
# How long a collection may be under way without a debit that the processor has accepted.
COLLECTION_STUCK_SECONDS = env.float("COLLECTION_STUCK_SECONDS", default=2 * 3600.0)
# How often the processor is asked about a bank debit that is under way for days.
DEBIT_PENDING_SECONDS = env.float("DEBIT_PENDING_SECONDS", default=6 * 3600.0)

# ── Processors' addresses, and the platform's own account; an empty secret switches it off ──

STRIPE_SECRET_KEY = secret("STRIPE_SECRET_KEY", "sk_test_simulated_platform")
STRIPE_ACCOUNT_ID = env.str("STRIPE_ACCOUNT_ID", default="" if IS_PRODUCTION else "acct_platform")
STRIPE_API_BASE = env.str(
    "STRIPE_API_BASE", default=f"{SIMULATOR_URL}/stripe" if SIMULATED_PROCESSORS else ""
)
SQUARE_API_BASE = env.str(
    "SQUARE_API_BASE", default=f"{SIMULATOR_URL}/square" if SIMULATED_PROCESSORS else ""
)

# ── OAuth: our applications at the processors; without an id there is no such button ──

STRIPE_CLIENT_ID = env.str(
    "STRIPE_CLIENT_ID", default="ca_simulated" if SIMULATED_PROCESSORS else ""
)
# Where account owners authorize, and tokens come from.
STRIPE_CONNECT_BASE = env.str(
    "STRIPE_CONNECT_BASE", default=f"{SIMULATOR_URL}/stripe" if SIMULATED_PROCESSORS else ""
)
SQUARE_APPLICATION_ID = env.str(
    "SQUARE_APPLICATION_ID",
    default="sandbox-sq0idb-simulated" if SIMULATED_PROCESSORS else "",
)
SQUARE_APPLICATION_SECRET = env.str(
    "SQUARE_APPLICATION_SECRET",
    default="sandbox-sq0csb-simulated" if SIMULATED_PROCESSORS else "",
)
# The application's own access token: its webhook subscription is made with it.
SQUARE_APPLICATION_TOKEN = env.str(
    "SQUARE_APPLICATION_TOKEN",
    default="EAAA_simulated_application" if SIMULATED_PROCESSORS else "",
)
# Where people come back to; "{processor}" is filled in. Registered with each application.
OAUTH_REDIRECT_URL = env.str(
    "OAUTH_REDIRECT_URL", default=PUBLIC_URL + "/payments/connections/oauth/{processor}/callback"
)
# How long a person may take to authorize, and how long after a failed renewal the next is tried.
OAUTH_STATE_SECONDS = env.float("OAUTH_STATE_SECONDS", default=3600.0)
OAUTH_RETRY_SECONDS = env.float("OAUTH_RETRY_SECONDS", default=600.0)
# A connection that fails this often in a row takes no more payments until it answers again.
CONNECTION_ERRORS = env.int("CONNECTION_ERRORS", default=5)

# ── Webhooks: events that processors send ──

# Of the applications whose accounts are connected by OAuth; several while one is being replaced.
WEBHOOK_APPLICATION_SECRETS = {
    "stripe": env.list("STRIPE_WEBHOOK_SECRETS", default=[]),
    "square": env.list("SQUARE_WEBHOOK_SECRETS", default=[]),
}
WEBHOOK_BODY_MAX_BYTES = env.int("WEBHOOK_BODY_MAX_BYTES", default=1_048_576)
# How long a web process goes on with secrets that it has read.
WEBHOOK_SECRETS_SECONDS = env.float("WEBHOOK_SECRETS_SECONDS", default=5.0)
# After which times a failed event is tried again; the last one repeats, until it is given up.
WEBHOOK_RETRY_SECONDS = env.list(
    "WEBHOOK_RETRY_SECONDS", cast=float, default=[5, 30, 120, 600, 3600, 14_400]
)
WEBHOOK_GIVE_UP_SECONDS = env.float("WEBHOOK_GIVE_UP_SECONDS", default=3 * 86_400.0)
# How long a worker may ask a processor for one event before another takes over.
WEBHOOK_QUESTION_SECONDS = env.float("WEBHOOK_QUESTION_SECONDS", default=60.0)
WEBHOOK_BODY_DAYS = env.int("WEBHOOK_BODY_DAYS", default=90)

# ── Mail: without a server it is written to files ──

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

# ── Demo data ──

DEMO_PASSWORD = env.str("DEMO_PASSWORD", default="bookedbarber-demo")

# ── Logs ──

LOG_FOLDER = Path(env.str("LOG_FOLDER", default=str(HOME / "logs")))
LOG_LEVEL = env.str("LOG_LEVEL", default="INFO")
LOGGING_CONFIG = "bookedbarber.foundation.log_files.configure"
LOGGING = {"folder": LOG_FOLDER, "console_level": LOG_LEVEL}

# ── Operators' admin ──

UNFOLD = {
    "SITE_TITLE": "BookedBarber",
    "SITE_HEADER": "BookedBarber",
    "SITE_SYMBOL": "content_cut",
    "SHOW_HISTORY": False,
    "ENVIRONMENT": "bookedbarber.console.context_processors.describe_environment",
}
