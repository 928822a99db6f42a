"""The Celery app and its timetable. Messages only wake workers; the work is rows."""

import os
from datetime import timedelta

from celery import Celery
from celery.signals import setup_logging

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bookedbarber.settings")

app = Celery("bookedbarber")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()

app.conf.beat_schedule = {
    "mark lost legs": {
        "task": "payments.mark_lost_legs",
        "schedule": timedelta(seconds=5),
        "options": {"expires": 5},
    },
    "settle unknown legs": {
        "task": "payments.settle_unknown_legs",
        "schedule": timedelta(seconds=5),
        "options": {"expires": 5},
    },
    "cancel expired checkouts": {
        "task": "payments.cancel_expired_checkouts",
        "schedule": timedelta(minutes=1),
        "options": {"expires": 60},
    },
    "forget expired refresh tokens": {
        "task": "accounts.forget_expired_tokens",
        "schedule": timedelta(days=1),
        "options": {"expires": 3600},
    },
    "forget old idempotency keys": {
        "task": "payments.forget_old_idempotency_keys",
        "schedule": timedelta(hours=1),
        "options": {"expires": 3600},
    },
    "mark lost refunds": {
        "task": "payments.mark_lost_refunds",
        "schedule": timedelta(seconds=5),
        "options": {"expires": 5},
    },
    "settle unknown refunds": {
        "task": "payments.settle_unknown_refunds",
        "schedule": timedelta(seconds=5),
        "options": {"expires": 5},
    },
}


@setup_logging.connect
def keep_our_logging(**_arguments: object) -> None:
    """Celery would replace Django's logging, redaction included; connecting here stops it."""
