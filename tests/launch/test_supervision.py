"""Real processes of the shell, started and stopped as the Procfile's are."""

import os
import signal
import time

import pytest

from bookedbarber.launch.errors import LaunchError, ProcessDied, StopRequested, TookTooLong
from bookedbarber.launch.supervision import Supervisor

# Writes its name when SIGTERM has been handled, so the file tells the order of stopping.
DRAINING = """sh -c 'trap "echo {name} >> {file}; exit" TERM; touch {file}.{name}
while :; do sleep 0.02; done'"""


@pytest.fixture
def supervisor(tmp_path):
    supervisor = Supervisor(logs=tmp_path / "logs")
    yield supervisor
    supervisor.stop_all()


@pytest.fixture
def signals_restored():
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {number: signal.getsignal(number) for number in numbers}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


def start_draining(supervisor, name, file):
    supervisor.start(name, DRAINING.format(name=name, file=file))
    trapped = file.with_name(f"{file.name}.{name}")
    supervisor.wait_for(trapped.exists, what=name, seconds=60)


def test_processes_drain_in_order_whatever_the_order_of_their_start(supervisor, tmp_path):
    order = tmp_path / "order"
    for name in ("simulator", "beat", "outcomes", "web", "worker"):
        start_draining(supervisor, name, order)

    supervisor.stop_all()

    assert order.read_text().split() == ["web", "worker", "outcomes", "beat", "simulator"]


def test_a_process_that_ends_is_named_with_its_last_words(supervisor):
    supervisor.start("worker", "sh -c 'echo no queue; exit 3'")

    with pytest.raises(ProcessDied, match=r"worker ended \(exit status 3\)\.\nno queue"):
        supervisor.watch()


def test_a_failing_step_is_named_with_its_last_words(supervisor):
    with pytest.raises(LaunchError, match=r"migrate failed \(exit status 1\)\.\nno table"):
        supervisor.run("migrate", "sh -c 'echo no table; exit 1'")


def test_a_step_fails_when_another_process_dies_meanwhile(supervisor):
    supervisor.start("simulator", "false")

    with pytest.raises(ProcessDied, match="simulator"):
        supervisor.run("migrate", "sleep 60")


def test_what_does_not_come_in_time_is_named(supervisor):
    with pytest.raises(TookTooLong, match="The site did not answer"):
        supervisor.wait_for(lambda: False, what="The site", seconds=0.05)


def test_a_signal_ends_the_wait(supervisor, signals_restored):
    supervisor.listen_to_signals()
    supervisor.start("web", "sleep 60")

    os.kill(os.getpid(), signal.SIGTERM)

    with pytest.raises(StopRequested):
        supervisor.watch()


def test_a_second_signal_kills_what_does_not_drain(supervisor, signals_restored, tmp_path):
    supervisor.listen_to_signals()
    deaf = tmp_path / "deaf"
    supervisor.start("web", f"sh -c 'trap \"\" TERM; touch {deaf}; sleep 60; sleep 60'")
    supervisor.wait_for(deaf.exists, what="web", seconds=60)
    os.kill(os.getpid(), signal.SIGTERM)
    os.kill(os.getpid(), signal.SIGTERM)

    started = time.monotonic()
    supervisor.stop_all()

    assert time.monotonic() - started < 30
