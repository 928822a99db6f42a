"""The variables that settings are read from, and whether this is production."""

from bookedbarber.environment import NamedEnv, load_env_file

load_env_file()
env = NamedEnv()

ENVIRONMENT = env.str("ENVIRONMENT", default="sandbox")  # sandbox | production
IS_PRODUCTION = ENVIRONMENT == "production"


def secret(name: str, development: str) -> str:
    """A secret: required in production, where it stays empty for the checks to name."""
    return str(env.str(name, default="" if IS_PRODUCTION else development))
