import pytest

from bookedbarber.launch.errors import LaunchError
from bookedbarber.launch.instances import claim, find_running
from bookedbarber.launch.ports import Ports

PORTS = Ports(9100, 9101)


def test_a_running_instance_is_found_by_its_home(tmp_path):
    assert find_running(tmp_path) is None

    with claim(tmp_path, PORTS):
        assert find_running(tmp_path) == PORTS

    assert find_running(tmp_path) is None


def test_a_second_instance_of_a_home_is_refused(tmp_path):
    with (
        claim(tmp_path, PORTS),
        pytest.raises(LaunchError, match="already runs"),
        claim(tmp_path, Ports(9200, 9201)),
    ):
        pass
