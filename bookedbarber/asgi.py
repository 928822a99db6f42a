import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bookedbarber.settings")

from bookedbarber import celery  # noqa: F401  jobs are sent through the configured app

application = get_asgi_application()
