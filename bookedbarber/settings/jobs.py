"""Jobs and Celery: messages only wake a worker."""

from bookedbarber import embedded

from .surroundings import HOME
from .variables import env

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
