"""One home, several processes."""

from bookedbarber import embedded
from bookedbarber.embedded.liveness import read_pid
from tests.launch.homes import end_user, is_running, query, start_user, wait_until_up


def test_the_last_of_two_users_stops_the_servers(home):
    first, second = start_user(home), start_user(home)
    wait_until_up(first)
    wait_until_up(second)

    end_user(first)
    assert is_running(home)

    end_user(second)
    assert not is_running(home)


def test_users_who_start_at_once_get_one_pair_of_servers(home):
    users = [start_user(home) for _ in range(5)]
    for user in users:
        wait_until_up(user)

    assert query(home, "SELECT 1") == [(1,)]
    log = (home / "postgres" / "postgres.log").read_text()
    assert log.count("starting PostgreSQL") == 1

    for user in users:
        end_user(user)
    assert not is_running(home)


def test_servers_of_a_killed_user_are_taken_over_and_then_stopped(home):
    killed = start_user(home)
    wait_until_up(killed)
    query(home, "CREATE TABLE taken_over AS SELECT 1 AS one")
    pid = read_pid(home / "postgres" / "postmaster.pid")
    killed.kill()
    killed.communicate()

    with embedded.services(home, durable=False):
        assert read_pid(home / "postgres" / "postmaster.pid") == pid
        assert query(home, "SELECT one FROM taken_over") == [(1,)]

    assert not is_running(home)
