"""What tests of the admin share."""

import pytest
from django.test import Client

from bookedbarber.accounts.models import User
from bookedbarber.accounts.roles import Role
from tests import factories


@pytest.fixture
def superuser(db: None) -> User:
    return factories.create_user(Role.ADMIN, is_superuser=True)


@pytest.fixture
def as_person():
    """A browser's client of a person, logged in: as_person(user).get(…)."""

    def log_in(user: User) -> Client:
        client = Client()
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        return client

    return log_in
