"""From a logging call to the file, through the configured handlers, in a process of its own."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from django.conf import settings

from bookedbarber.foundation.log_files import SharedRotatingFile

Run = Callable[..., tuple[str, str]]

ROOT = Path(__file__).resolve().parent.parent.parent
SET_UP = "import logging, django; django.setup(); log = logging.getLogger('bookedbarber.test')\n"


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Run statements under the project's logging; returns what the console and the file got."""

    def run_statements(statements: str, **environment: str) -> tuple[str, str]:
        log_folder = Path(environment.setdefault("LOG_FOLDER", str(tmp_path / "new" / "logs")))
        done = subprocess.run(
            [sys.executable, "-c", SET_UP + statements],
            env={
                **os.environ,
                "DJANGO_SETTINGS_MODULE": "bookedbarber.settings",
                "REDIS_URL": settings.REDIS_URL,
                **environment,
            },
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=110,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        file = log_folder / "bookedbarber.log"
        return done.stderr, file.read_text() if file.is_file() else ""

    return run_statements


def test_the_console_gets_what_matters_and_the_file_everything(run: Run) -> None:
    console, file = run("log.debug('a detail'); log.info('a fact'); log.error('a fault')")

    assert "a detail" not in console
    for text in ("a fact", "a fault"):
        assert text in console
    for text in ("a detail", "a fact", "a fault"):
        assert text in file
    line = next(line for line in file.splitlines() if "a fact" in line)
    time, name, level, message = line.split(" – ")
    assert time.startswith("20")
    assert (name, level, message) == ("bookedbarber.test", "INFO", "[-] a fact")


def test_no_secret_reaches_console_or_file(run: Run) -> None:
    outputs = run(
        """
log.info("message sk_live_4eC39HqLyjWDarjtT1zdp7dc")
log.debug("argument %s", {"password": "hunter2-a"})
log.warning("badly filled in %d", "password=hunter2-b")
logging.getLogger("django.request").error("url %s", "redis://:hunter2-c@cache/0")
logging.getLogger("django.server").info("GET /?access_token=hunter2-d")
logging.getLogger("clearpay").error("Authorization: Bearer hunter2-e")
logging.getLogger("somebody.elses.library").error("Cookie: a=b; sessionid=hunter2-f")
try:
    raise ValueError("secret=hunter2-g")
except ValueError:
    log.exception("failed")
""",
        DEBUG="true",
    )

    for output in outputs:
        assert "hunter2" not in output
        assert "4eC39HqLyjWDarjtT1zdp7dc" not in output
        assert output.count("[redacted]") >= 7


def test_nothing_is_written_twice(run: Run) -> None:
    console, file = run(
        """
logging.getLogger("clearpay").error("of the client package")
logging.getLogger("django.request").error("of Django")
""",
        DEBUG="true",
    )

    for output in (console, file):
        assert output.count("of the client package") == 1
        assert output.count("of Django") == 1


def test_the_client_package_logs_for_itself(run: Run) -> None:
    _, file = run(
        "logger = logging.getLogger('clearpay'); print(logger.propagate); logger.debug('asked')"
    )

    assert "– clearpay – DEBUG – [-] asked" in file


def test_a_log_folder_that_cannot_be_made_is_said_and_does_not_stop_the_start(
    run: Run, tmp_path: Path
) -> None:
    obstacle = tmp_path / "file"
    obstacle.write_text("not a folder")

    console, file = run("log.info('still here')", LOG_FOLDER=str(obstacle / "logs"))

    assert "No log file: " in console
    assert "still here" in console
    assert file == ""


def test_a_log_file_that_cannot_be_opened_is_said_and_does_not_stop_the_start(
    run: Run, tmp_path: Path
) -> None:
    (tmp_path / "bookedbarber.log").mkdir()

    console, _ = run("log.info('still here')", LOG_FOLDER=str(tmp_path))

    assert "No log file: " in console
    assert "still here" in console


def test_a_file_that_is_lost_later_shows_neither_message_nor_arguments(
    run: Run, tmp_path: Path
) -> None:
    folder = tmp_path / "logs"

    console, _ = run(
        f"""
import shutil
shutil.rmtree({str(folder)!r})
logging.getLogger("bookedbarber").debug("a detail %s", "hunter2-is-no-shape-we-know")
""",
        LOG_FOLDER=str(folder),
    )

    assert "The log cannot be written: " in console
    assert "hunter2" not in console


WRITER = """
import logging, sys
from bookedbarber.foundation.log_files import SharedRotatingFile
file = SharedRotatingFile(sys.argv[1], maxBytes=20_000, backupCount=10, delay=True)
log = logging.getLogger("writer"); log.addHandler(file); log.setLevel("INFO")
for number in range(400):
    log.info("%s %04d %s", sys.argv[2], number, "x" * 60)
"""


def test_processes_that_share_a_file_rotate_it_once_and_lose_nothing(tmp_path: Path) -> None:
    path = tmp_path / "shared.log"
    writers = [
        subprocess.Popen([sys.executable, "-c", WRITER, str(path), name], cwd=ROOT)
        for name in ("web", "worker", "beat")
    ]

    assert [writer.wait(100) for writer in writers] == [0, 0, 0]

    files = [path, *(tmp_path / f"shared.log.{number}" for number in range(1, 11))]
    sizes = [file.stat().st_size for file in files if file.exists()]
    lines = [line for file in files if file.exists() for line in file.read_text().splitlines()]
    assert len(lines) == len(set(lines)) == 3 * 400
    # 84 kB in files of 20 kB: every rotated file is full.
    assert all(size >= 20_000 for size in sizes[1:])


def test_the_file_rotates_at_ten_megabytes_and_keeps_ten(settings) -> None:
    from bookedbarber.foundation import log_files

    described = log_files._describe_file(Path("x.log"))

    assert described["maxBytes"] == 10 * 1024 * 1024
    assert described["backupCount"] == 10
    assert described["class"].endswith(SharedRotatingFile.__name__)
