"""The product's settings with the floors' addresses: database, middleware and JWT are the same."""

from bookedbarber.settings import *  # noqa: F403

ROOT_URLCONF = "tests.benchmarks.floors.urls"
