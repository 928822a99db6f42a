import os

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

from bookedbarber.foundation.memory import keep_what_is_loaded

os.environ["DJANGO_SETTINGS_MODULE"] = "tests.benchmarks.floors.settings"

application = get_wsgi_application()

_ = get_resolver().url_patterns
keep_what_is_loaded()
