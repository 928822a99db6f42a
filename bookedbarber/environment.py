"""Where we are installed, the `.env` file, and the home folder. Needs no settings."""

import os
from decimal import DecimalException
from pathlib import Path
from typing import Any

import environ
from django.core.exceptions import ImproperlyConfigured

ROOT = Path(__file__).resolve().parent.parent


def load_env_file() -> None:
    """Add the variables of `.env` in the project root; what is already set wins."""
    env_file = ROOT / ".env"
    if env_file.is_file():
        environ.Env.read_env(env_file)


def get_home() -> Path:
    """Return the absolute folder for everything we keep: BOOKEDBARBER_HOME [.local].

    A relative path counts from the project root, so every program finds the same folder.
    """
    return (ROOT / os.environ.get("BOOKEDBARBER_HOME", ".local")).resolve()


class NamedEnv(environ.Env):
    """Reads variables as `environ.Env` does; one that cannot be read is named."""

    def get_value(self, var: str, *args: Any, **kwargs: Any) -> Any:
        """
        :raises ImproperlyConfigured: the variable does not have the form that is asked for.
        """
        try:
            return super().get_value(var, *args, **kwargs)
        except (ValueError, TypeError, DecimalException) as error:
            raise ImproperlyConfigured(f"{var} cannot be read: {error}") from None
