import socket

import pytest

from bookedbarber.launch.errors import LaunchError
from bookedbarber.launch.ports import (
    HOST,
    Ports,
    check_ports_are_free,
    find_free_ports,
    read_ports,
)


@pytest.fixture
def taken():
    with socket.socket() as listener:
        listener.bind((HOST, 0))
        listener.listen()
        yield listener.getsockname()[1]


def test_free_ports_are_accepted():
    check_ports_are_free(find_free_ports())


@pytest.mark.parametrize("variable", ["PORT", "SIMULATOR_PORT"])
def test_a_taken_port_is_named_with_its_variable(taken, variable):
    free = find_free_ports().web
    ports = Ports(taken, free) if variable == "PORT" else Ports(free, taken)

    with pytest.raises(LaunchError, match=rf"Port {taken} \({variable}\) is taken"):
        check_ports_are_free(ports)


def test_the_simulator_listens_beside_the_site(monkeypatch):
    monkeypatch.setenv("PORT", "9100")
    monkeypatch.delenv("SIMULATOR_PORT", raising=False)

    assert read_ports() == Ports(9100, 9101)


@pytest.mark.parametrize("text", ["abc", "0", "65536", "-1", "80.0"])
def test_what_is_not_a_port_is_refused(monkeypatch, text):
    monkeypatch.setenv("PORT", text)

    with pytest.raises(LaunchError, match=f"PORT={text} is not a port"):
        read_ports()


def test_site_and_simulator_cannot_share_a_port(monkeypatch):
    monkeypatch.setenv("PORT", "9100")
    monkeypatch.setenv("SIMULATOR_PORT", "9100")

    with pytest.raises(LaunchError, match="must differ"):
        read_ports()
