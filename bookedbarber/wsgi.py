import os

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bookedbarber.settings")

from bookedbarber import celery  # noqa: F401  jobs are sent through the configured app
from bookedbarber.foundation.chunked_bodies import ChunkedBodies
from bookedbarber.foundation.memory import keep_what_is_loaded

application = ChunkedBodies(get_wsgi_application())

# The first request would import the views otherwise.
_ = get_resolver().url_patterns
keep_what_is_loaded()
