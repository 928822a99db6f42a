"""A real PostgreSQL and a real Redis (Valkey) from PyPI wheels, for development and tests.

They stand in when DATABASE_URL or REDIS_URL is unset. Several processes share one pair of
servers per home folder; the last one to leave stops them.
"""

from bookedbarber.embedded.addresses import (
    broker_url,
    database_url,
    redis_url,
    socket_folder,
)
from bookedbarber.embedded.errors import EmbeddedServiceError
from bookedbarber.embedded.lifetime import needed_servers, services

__all__ = [
    "EmbeddedServiceError",
    "broker_url",
    "database_url",
    "needed_servers",
    "redis_url",
    "services",
    "socket_folder",
]
