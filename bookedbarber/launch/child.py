"""Becomes a command that ends when the launcher is killed: `python -m … child COMMAND`."""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1  # <sys/prctl.h>


def main() -> None:
    launcher = os.getppid()
    if sys.platform == "linux":
        # Kept through exec. Elsewhere the next start finds the port taken and says so.
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != launcher:
        return  # it died before we asked
    os.execv("/bin/sh", ["/bin/sh", "-c", f"exec {sys.argv[1]}"])


if __name__ == "__main__":
    main()
