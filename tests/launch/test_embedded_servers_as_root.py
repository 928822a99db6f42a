"""PostgreSQL refuses to run as root, so another account runs it."""

import os
import shutil

import pytest

from bookedbarber import embedded
from bookedbarber.embedded.places import NOTE, elsewhere, find_place
from bookedbarber.embedded.programs import make_reachable
from tests.launch.homes import query

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root has another account to use")


def test_data_belong_to_the_account_that_runs_the_servers(home):
    with embedded.services(home, durable=False):
        assert (home / "postgres").stat().st_uid == find_place(home).account.uid != 0


def test_a_home_that_account_cannot_enter_keeps_its_data_elsewhere(home):
    home.mkdir(mode=0o700)

    with embedded.services(home, durable=False):
        query(home, "CREATE TABLE kept AS SELECT 42 AS answer")

    assert home.stat().st_mode & 0o777 == 0o700
    assert str(elsewhere(home)) in (home / NOTE).read_text()
    home.chmod(0o755)
    with embedded.services(home, durable=False):
        assert query(home, "SELECT answer FROM kept") == [(42,)]


def test_a_deleted_home_starts_anew_even_when_its_data_were_elsewhere(home):
    home.mkdir(mode=0o700)
    with embedded.services(home, durable=False):
        query(home, "CREATE TABLE kept AS SELECT 42 AS answer")
    shutil.rmtree(home)
    home.mkdir(mode=0o700)

    with embedded.services(home, durable=False):
        assert query(home, "SELECT to_regclass('kept')") == [(None,)]


def test_programs_that_account_cannot_reach_are_copied_once(home):
    program = home / "wheel" / "bin" / "greet"
    program.parent.mkdir(parents=True)
    program.write_text("#!/bin/sh\necho hello")
    program.chmod(0o700)
    home.chmod(0o700)
    account = find_place(home).account

    copies = {make_reachable(home, ("wheel",), home.parent.name, account) for _ in range(2)}

    (copy,) = copies
    assert account.run([copy / "wheel" / "bin" / "greet"]).stdout == "hello\n"
    shutil.rmtree(copy)


def test_a_socket_folder_put_there_by_somebody_else_is_refused(home):
    sockets = embedded.socket_folder(home)
    sockets.mkdir()
    os.chown(sockets, 12345, 12345)

    with (
        pytest.raises(embedded.EmbeddedServiceError, match="belongs to somebody else"),
        embedded.services(home, durable=False),
    ):
        pass

    sockets.rmdir()
