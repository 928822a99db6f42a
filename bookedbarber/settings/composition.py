"""What the project is put together from: routes, apps, middleware, templates."""

from .surroundings import ROOT

ROOT_URLCONF = "bookedbarber.urls"
ROOT_EVENTCONF = "bookedbarber.event_routes"
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
