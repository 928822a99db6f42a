"""Bears workers: the product is loaded once, and each line on stdin is the name of one to be born.

    python -m tests.chaos.collecting.nursery FOLDER

Answers each with its pid. Workers are processes of their own, which share nothing but the loaded
source; they end when this one does, and this one ends with its stdin.
"""

import ctypes
import os
import signal
import sys
from pathlib import Path

PR_SET_PDEATHSIG = 1  # <sys/prctl.h>


def main() -> None:
    from tests.chaos.collecting import worker

    folder = Path(sys.argv[1])
    # Nobody waits for the dead.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    for line in sys.stdin:
        name = line.strip()
        pid = os.fork()
        if pid == 0:
            _settle_down(folder / f"{name}.out")
            worker.work(name, folder)
        print(pid, flush=True)


def _settle_down(log: Path) -> None:
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    output = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for here, there in ((nothing, 0), (output, 1), (output, 2)):
        os.dup2(here, there)


if __name__ == "__main__":
    main()
