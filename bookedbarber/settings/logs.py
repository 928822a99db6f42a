"""Logs: where they are written, and how much of them is shown."""

from pathlib import Path

from .surroundings import HOME
from .variables import env

LOG_FOLDER = Path(env.str("LOG_FOLDER", default=str(HOME / "logs")))
LOG_LEVEL = env.str("LOG_LEVEL", default="INFO")
LOGGING_CONFIG = "bookedbarber.foundation.log_files.configure"
LOGGING = {"folder": LOG_FOLDER, "console_level": LOG_LEVEL}
