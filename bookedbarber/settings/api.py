"""The API: REST framework, its schema, tokens, and limits of what is asked."""

from datetime import timedelta

from .variables import env

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
