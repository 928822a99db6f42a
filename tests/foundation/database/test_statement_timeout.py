import time

import pytest
from django.db import OperationalError, connection, transaction

from bookedbarber.accounts.models import Enterprise, User
from bookedbarber.foundation.database import statement_timeout
from tests import factories

pytestmark = pytest.mark.django_db(transaction=True)


def run(statement: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return str(cursor.fetchone()[0])


def write_and_sleep(owner: User) -> None:
    Enterprise.objects.create(name="Lost", owner=owner)
    run("SELECT pg_sleep(60)")


def get_limit() -> str:
    return run("SELECT current_setting('statement_timeout')")


def test_a_slow_statement_is_cancelled_and_what_was_written_is_rolled_back() -> None:
    owner = factories.create_user()
    started = time.monotonic()

    with pytest.raises(TimeoutError, match=r"longer than 0\.1 s"), statement_timeout(0.1):
        write_and_sleep(owner)

    assert time.monotonic() - started < 50
    assert not Enterprise.objects.exists()


def test_a_quick_block_is_committed() -> None:
    owner = factories.create_user()

    with statement_timeout(5):
        Enterprise.objects.create(name="Kept", owner=owner)
        assert get_limit() == "5s"

    assert Enterprise.objects.exists()


def test_the_next_user_of_the_connection_has_no_limit() -> None:
    with statement_timeout(5):
        pass
    assert get_limit() == "0"

    with pytest.raises(TimeoutError), statement_timeout(0.05):
        run("SELECT pg_sleep(60)")
    assert get_limit() == "0"
    assert run("SELECT pg_sleep(0.2)") == ""


def test_inside_a_transaction_only_the_block_is_lost() -> None:
    owner = factories.create_user()

    with transaction.atomic():
        Enterprise.objects.create(name="Kept", owner=owner)
        with pytest.raises(TimeoutError), statement_timeout(0.05):
            write_and_sleep(owner)
        assert get_limit() == "0"

    assert list(Enterprise.objects.values_list("name", flat=True)) == ["Kept"]


def test_inside_a_transaction_the_limit_ends_with_the_block() -> None:
    with transaction.atomic():
        with statement_timeout(5.1):
            assert get_limit() == "5100ms"
        assert get_limit() == "0"


def test_a_block_around_gets_its_own_limit_back() -> None:
    with statement_timeout(7):
        with statement_timeout(3):
            assert get_limit() == "3s"
        assert get_limit() == "7s"
    assert get_limit() == "0"


def test_without_a_number_the_settings_decide(settings) -> None:
    settings.STATEMENT_TIMEOUT_SECONDS = 12.5

    with statement_timeout():
        assert get_limit() == "12500ms"


def test_a_limit_below_a_millisecond_is_still_a_limit() -> None:
    with pytest.raises(TimeoutError), statement_timeout(0.0001):
        run("SELECT pg_sleep(60)")


def test_other_failures_keep_their_names() -> None:
    with pytest.raises(ZeroDivisionError), statement_timeout(5):
        raise ZeroDivisionError

    with pytest.raises(OperationalError, match="gone"), statement_timeout(5):
        raise OperationalError("gone")
