"""Rotation beside somebody who gives a connection new credentials: real threads, real commits."""

from threading import Event

import pytest
from django.db import transaction

from bookedbarber.foundation.encryption import is_current
from processors.models import Connection
from processors.operations.encryption_keys import Rotation, rotate_encryption_keys
from tests import factories
from tests.foundation.at_once import do_at_once
from tests.waiting import is_somebody_waiting, wait_until

from .test_rotate_encryption_keys import BY, new_key

pytestmark = pytest.mark.django_db(transaction=True)


def rotate() -> Rotation:
    return rotate_encryption_keys(by=BY, on_progress=lambda _: None)


@pytest.mark.parametrize("key_of_the_change", ["new", "old"])
def test_a_change_at_the_same_moment_is_not_lost(settings, key_of_the_change: str) -> None:
    row = factories.create_connection(
        factories.create_barber(), credentials={"access_token": "before"}
    )
    old, new = settings.ENCRYPTION_KEY, new_key()
    settings.ENCRYPTION_KEY = f"{new},{old}"
    is_locked = Event()

    def change_credentials() -> None:
        with transaction.atomic():
            mine = Connection.objects.select_for_update(of=["self"]).get(pk=row.pk)
            is_locked.set()
            wait_until(is_somebody_waiting)
            mine.seal_credentials({"access_token": "after"})
            if key_of_the_change == "old":
                mine.sealed_credentials = seal_with_old_key(mine)
            mine.save()

    def seal_with_old_key(mine: Connection) -> bytes:
        settings.ENCRYPTION_KEY = old
        mine.seal_credentials({"access_token": "after"})
        settings.ENCRYPTION_KEY = f"{new},{old}"
        return bytes(mine.sealed_credentials)

    def rotate_meanwhile() -> Rotation:
        assert is_locked.wait(60)
        return rotate()

    changed, rotation = do_at_once([change_credentials, rotate_meanwhile])

    assert changed is None
    assert rotation.resealed == (1 if key_of_the_change == "old" else 0)
    row.refresh_from_db()
    assert row.get_access().credentials == {"access_token": "after"}
    assert is_current(bytes(row.sealed_credentials))


def test_two_rotations_at_once_do_each_connection_once(settings) -> None:
    barber = factories.create_barber()
    for _ in range(10):
        factories.create_connection(barber)
    settings.ENCRYPTION_KEY = f"{new_key()},{settings.ENCRYPTION_KEY}"

    rotations = do_at_once([rotate, rotate])

    assert sum(rotation.resealed for rotation in rotations) == 10
    assert all(rotation.seen == 10 for rotation in rotations)
