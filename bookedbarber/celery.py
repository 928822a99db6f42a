"""The Celery app. Messages only wake workers; the work is rows. When: console/timetable.py."""

import os

from celery import Celery
from celery.signals import setup_logging, worker_process_init

from bookedbarber.foundation.memory import keep_what_is_loaded

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bookedbarber.settings")

app = Celery("bookedbarber")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@setup_logging.connect
def keep_our_logging(**_arguments: object) -> None:
    """Celery would replace Django's logging, redaction included; connecting here stops it."""


@worker_process_init.connect
def keep_memory(**_arguments: object) -> None:
    keep_what_is_loaded()
