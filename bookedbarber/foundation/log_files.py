"""Logging: INFO to the console, DEBUG to a rotating file, no secret in either."""

import fcntl
import logging.config
import logging.handlers
import os
import sys
from pathlib import Path
from typing import Any

FILE_BYTES = 10 * 1024 * 1024
FILE_COUNT = 10
LINE = "%(asctime)s – %(name)s – %(levelname)s – [%(request_id)s] %(message)s"


class SharedRotatingFile(logging.handlers.RotatingFileHandler):
    """A rotating file that several processes write: web, worker and beat share one.

    Each follows the file when another has rotated it; under a lock only one rotates.
    """

    def shouldRollover(self, _record: logging.LogRecord) -> bool:  # noqa: N802
        self._follow()
        return self._is_full()

    def doRollover(self) -> None:  # noqa: N802
        with Path(f"{self.baseFilename}.lock").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            self._follow()
            if self._is_full():
                super().doRollover()

    def handleError(self, _record: logging.LogRecord) -> None:  # noqa: N802
        """Python would print the message and its arguments, secrets included."""
        print(f"The log cannot be written: {sys.exc_info()[1]}", file=sys.stderr)  # noqa: T201

    def _follow(self) -> None:
        if self.stream is None:
            self.stream = self._open()
        elif not _is_same_file(Path(self.baseFilename), self.stream.fileno()):
            self.stream.close()
            self.stream = self._open()

    def _is_full(self) -> bool:
        return Path(self.baseFilename).stat().st_size >= self.maxBytes


def configure(wanted: dict[str, Any]) -> None:
    """Set up logging; a folder that cannot be made is said and does not stop the start.

    `wanted` is `settings.LOGGING`: {"folder": Path, "console_level": str}.
    """
    handlers = {"console": _describe_console(wanted["console_level"])}
    problem = _make_folder(wanted["folder"])
    if problem is None:
        handlers["file"] = _describe_file(wanted["folder"] / "bookedbarber.log")
    logging.config.dictConfig(_describe(handlers))
    if problem is not None:
        logging.getLogger("bookedbarber").warning("No log file: %s", problem)


def _is_same_file(path: Path, number: int) -> bool:
    try:
        return os.path.samestat(path.stat(), os.fstat(number))
    except FileNotFoundError:
        return False


def _make_folder(folder: Path) -> OSError | None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "bookedbarber.log").open("a").close()
    except OSError as error:
        return error
    return None


def _describe_console(level: str) -> dict[str, Any]:
    return {
        "class": "logging.StreamHandler",
        "stream": sys.stderr,
        "level": level,
        "formatter": "line",
        "filters": ["request_id"],
    }


def _describe_file(path: Path) -> dict[str, Any]:
    return {
        "class": "bookedbarber.foundation.log_files.SharedRotatingFile",
        "filename": str(path),
        "maxBytes": FILE_BYTES,
        "backupCount": FILE_COUNT,
        "delay": True,
        "encoding": "utf-8",
        "level": "DEBUG",
        "formatter": "line",
        "filters": ["request_id"],
    }


def _describe(handlers: dict[str, Any]) -> dict[str, Any]:
    names = list(handlers)
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "filters": {"request_id": {"()": "bookedbarber.foundation.request_ids.RequestIdFilter"}},
        "formatters": {
            "line": {
                "()": "bookedbarber.foundation.redaction.RedactingFormatter",
                "format": LINE,
            }
        },
        "handlers": handlers,
        "root": {"handlers": names, "level": "INFO"},
        "loggers": {
            # A line for every call to a processor would drown the rest.
            "httpx": {"level": "WARNING"},
            # Django's own handlers know no redaction: its lines go through ours.
            "django": {"level": "INFO"},
            "django.server": {"level": "INFO", "propagate": True},
            "bookedbarber": {"level": "DEBUG"},
            "payments": {"level": "DEBUG"},
            "processors": {"level": "DEBUG"},
            "clearpay": {"handlers": names, "level": "DEBUG", "propagate": False},
        },
    }
