"""A server and a worker leave their own code out of garbage collections."""

import os
import subprocess
import sys

_COUNT = """
import gc
{start}
assert gc.get_freeze_count() > 10_000, gc.get_freeze_count()
"""
_SERVER = "import bookedbarber.wsgi"
_WORKER = """
import bookedbarber.celery
from celery.signals import worker_process_init
assert gc.get_freeze_count() == 0
worker_process_init.send(sender=None)
"""


def check(start: str) -> None:
    code = _COUNT.format(start=start)
    done = subprocess.run(
        [sys.executable, "-c", code], check=False, env=os.environ, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr


def test_a_server_keeps_what_it_has_loaded_before_its_first_request():
    check(_SERVER)


def test_a_worker_keeps_what_it_has_loaded_before_its_first_task():
    check(_WORKER)
