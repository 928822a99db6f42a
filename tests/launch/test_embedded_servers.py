"""One home, one user: what starts, what stops, what stays."""

import shutil
from pathlib import Path

import environ
import pytest

from bookedbarber import embedded
from bookedbarber.embedded import postgres
from bookedbarber.embedded.lifetime import stop_unused
from bookedbarber.embedded.places import find_place
from tests.launch.homes import (
    connect_to_redis,
    is_running,
    living_process,
    query,
    start_user,
    wait_until_up,
)


def test_servers_answer_inside_the_block_and_are_gone_after_it(home):
    with embedded.services(home, durable=False):
        with connect_to_redis(home) as client:
            assert client.ping()
        assert query(home, "SELECT current_database()") == [("bookedbarber",)]

    assert not is_running(home)


def test_only_the_needed_server_is_started(home):
    with embedded.services(home, durable=False, servers=["valkey"]):
        with connect_to_redis(home) as client:
            assert client.ping()
        assert not (home / "postgres").exists()


def test_data_survive_a_restart(home):
    with embedded.services(home):
        query(home, "CREATE TABLE kept AS SELECT 42 AS answer")
        with connect_to_redis(home) as client:
            client.set("kept", "42")

    with embedded.services(home):
        assert query(home, "SELECT answer FROM kept") == [(42,)]
        with connect_to_redis(home) as client:
            assert client.get("kept") == "42"


def test_addresses_name_the_servers_in_the_forms_their_readers_want(home):
    sockets = embedded.socket_folder(home)

    found = environ.Env.db_url_config(embedded.database_url(home))

    assert (found["HOST"], found["NAME"]) == (str(sockets), "bookedbarber")
    assert embedded.redis_url(home, number=3) == f"unix://{sockets}/redis.sock?db=3"
    assert embedded.broker_url(home) == f"redis+socket://{sockets}/redis.sock?virtual_host=0"


def test_a_deep_home_has_sockets_short_enough_to_bind(home):
    deep = home.joinpath(*["a-rather-long-name-of-a-folder"] * 8)

    with embedded.services(deep, durable=False, servers=["postgres"]):
        assert query(deep, "SELECT 1") == [(1,)]


def test_two_homes_never_share_sockets(home):
    assert embedded.socket_folder(home) != embedded.socket_folder(home.with_name("other"))
    assert embedded.socket_folder(home) == embedded.socket_folder(home / ".." / home.name)


def test_a_pid_file_that_names_another_living_process_does_not_stop_a_start(home):
    with embedded.services(home, durable=False, servers=["postgres"]):
        pid_file = home / "postgres" / "postmaster.pid"
        content = pid_file.read_text()

    with living_process(find_place(home).account) as pid:
        pid_file.write_text(f"{pid}\n" + content.partition("\n")[2])
        with embedded.services(home, durable=False, servers=["postgres"]):
            assert query(home, "SELECT 1") == [(1,)]


def test_servers_whose_folder_was_deleted_are_replaced(home):
    user = start_user(home)
    wait_until_up(user)
    user.kill()
    user.communicate()
    shutil.rmtree(home)

    with embedded.services(home, durable=False):
        query(home, "CREATE TABLE fresh AS SELECT 1 AS one")


def test_data_of_another_major_version_are_refused_in_one_sentence(home):
    data = home / "postgres"
    data.mkdir(parents=True)
    (data / "PG_VERSION").write_text("15\n")

    with (
        pytest.raises(embedded.EmbeddedServiceError, match="written by PostgreSQL 15"),
        embedded.services(home, durable=False),
    ):
        pass

    assert not is_running(home)


def test_a_full_disk_is_named(home, monkeypatch):
    monkeypatch.setattr(postgres, "NEEDED_DISK_BYTES", 10**18)

    with (
        pytest.raises(embedded.EmbeddedServiceError, match="free disk"),
        embedded.services(home, durable=False),
    ):
        pass


def test_a_folder_that_cannot_be_created_is_named():
    with (
        pytest.raises(embedded.EmbeddedServiceError, match="/proc/home"),
        embedded.services(Path("/proc/home")),
    ):
        pass


def test_servers_left_behind_are_stopped_on_demand(home):
    user = start_user(home)
    wait_until_up(user)

    assert not stop_unused(home)

    user.kill()
    user.communicate()
    assert is_running(home)
    assert stop_unused(home)
    assert not is_running(home)
