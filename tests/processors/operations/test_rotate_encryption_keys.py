import base64
import os
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from bookedbarber.foundation.encryption import CannotDecrypt, is_current
from bookedbarber.foundation.models import AuditEntry
from processors.models import Connection, WebhookDoor
from processors.operations import encryption_keys
from processors.operations.encryption_keys import Rotation, rotate_encryption_keys
from processors.operations.webhook_doors import add_webhook_secret
from processors.states import ConnectionState
from tests import factories
from tests.factories import LONG_AGO

pytestmark = pytest.mark.django_db

BY = "job:rotate_encryption_key"


def new_key() -> str:
    return base64.b64encode(os.urandom(32)).decode()


def create_connections(count: int) -> list[Connection]:
    barber = factories.create_barber()
    return [
        factories.create_connection(barber, credentials={"access_token": f"token-{number}"})
        for number in range(count)
    ]


def put_new_key_first(settings) -> None:
    settings.ENCRYPTION_KEY = f"{new_key()},{settings.ENCRYPTION_KEY}"


def forget_old_keys(settings) -> None:
    settings.ENCRYPTION_KEY = settings.ENCRYPTION_KEY.split(",")[0]


def rotate() -> tuple[Rotation, list[tuple[int, int]]]:
    """Rotate; returns the end and the progress (seen, encrypted again) on the way."""
    progress: list[tuple[int, int]] = []
    rotation = rotate_encryption_keys(
        by=BY, on_progress=lambda now: progress.append((now.seen, now.resealed))
    )
    return rotation, progress


def test_afterwards_the_old_key_is_needed_no_more(settings) -> None:
    connections = create_connections(3)
    put_new_key_first(settings)

    rotation, _ = rotate()
    forget_old_keys(settings)

    assert rotation == Rotation(total=3, seen=3, resealed=3)
    for number, connection in enumerate(connections):
        connection.refresh_from_db()
        assert connection.get_access().credentials == {"access_token": f"token-{number}"}


def test_without_it_the_old_key_is_needed(settings) -> None:
    (connection,) = create_connections(1)
    put_new_key_first(settings)
    forget_old_keys(settings)

    with pytest.raises(CannotDecrypt):
        connection.get_access()


def test_connections_in_every_state_are_rotated(settings) -> None:
    barber = factories.create_barber()
    for state in ConnectionState.values:
        factories.create_connection(barber, state=state)
    factories.create_platform_connection()
    put_new_key_first(settings)

    rotate()

    sealed = Connection.objects.values_list("sealed_credentials", flat=True)
    assert all(is_current(bytes(text)) for text in sealed)


def test_webhook_secrets_are_rotated(settings) -> None:
    (connection,) = create_connections(1)
    add_webhook_secret(connection=connection, secret="whsec_kept", by="usr_1", now=LONG_AGO)
    put_new_key_first(settings)

    rotation, _ = rotate()
    forget_old_keys(settings)

    assert rotation == Rotation(total=2, seen=2, resealed=2)
    assert WebhookDoor.objects.get().get_secrets() == ("whsec_kept",)


def test_what_is_under_the_first_key_is_left_alone(settings) -> None:
    create_connections(2)
    put_new_key_first(settings)
    create_connections(1)
    fresh = Connection.objects.latest("pk").sealed_credentials

    assert rotate()[0].resealed == 2
    assert rotate()[0].resealed == 0

    assert bytes(Connection.objects.latest("pk").sealed_credentials) == bytes(fresh)


def test_progress_is_told_chunk_by_chunk(settings, monkeypatch) -> None:
    monkeypatch.setattr(encryption_keys, "CHUNK", 2)
    create_connections(5)
    put_new_key_first(settings)

    assert rotate()[1] == [(2, 2), (4, 4), (5, 5)]


def test_stopped_anywhere_the_next_run_does_the_rest(settings, monkeypatch) -> None:
    monkeypatch.setattr(encryption_keys, "CHUNK", 2)
    create_connections(5)
    put_new_key_first(settings)

    def stop(_rotation: Rotation) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        rotate_encryption_keys(by=BY, on_progress=stop)

    assert rotate()[0] == Rotation(total=5, seen=5, resealed=3)


def test_each_connection_has_its_audit_entry_without_a_secret(settings) -> None:
    (connection,) = create_connections(1)
    put_new_key_first(settings)

    rotate()

    entry = AuditEntry.objects.get(action="connection.resealed")
    assert (entry.subject, entry.by) == (connection.public_id, BY)
    assert (entry.before, entry.after) == (None, None)


def test_credentials_that_no_key_opens_are_named_and_do_not_stop_the_others(settings) -> None:
    lost, other = create_connections(2)
    Connection.objects.filter(pk=lost.pk).update(sealed_credentials=other.sealed_credentials)
    put_new_key_first(settings)

    rotation, _ = rotate()

    assert rotation == Rotation(total=2, seen=2, resealed=1, unreadable=(lost.public_id,))
    lost.refresh_from_db()
    assert bytes(lost.sealed_credentials) == bytes(other.sealed_credentials)


def test_without_connections_there_is_nothing_to_do() -> None:
    assert rotate() == (Rotation(total=0), [])


def test_the_command_shows_how_far_it_is(settings) -> None:
    create_connections(3)
    put_new_key_first(settings)
    output = StringIO()

    call_command("rotate_encryption_key", stdout=output)

    assert output.getvalue().splitlines() == [
        "3 of 3 sealed rows, 3 encrypted again",
        (
            "All 3 sealed rows are under the first key; 3 were encrypted again. "
            "Older keys may be removed."
        ),
    ]


def test_the_command_fails_and_names_what_it_could_not_open(settings) -> None:
    (connection,) = create_connections(1)
    settings.ENCRYPTION_KEY = new_key()

    with pytest.raises(CommandError, match=connection.public_id):
        call_command("rotate_encryption_key", stdout=StringIO())
