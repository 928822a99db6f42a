import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bookedbarber.settings")

from bookedbarber import celery  # noqa: F401  jobs are sent through the configured app
from bookedbarber.foundation.chunked_bodies import ChunkedBodies

application = ChunkedBodies(get_wsgi_application())
