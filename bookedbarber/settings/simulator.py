"""The processor simulator, and demo data."""

from .surroundings import PORT
from .variables import IS_PRODUCTION, env

SIMULATED_PROCESSORS = env.bool("SIMULATED_PROCESSORS", default=not IS_PRODUCTION)
SIMULATOR_PORT = env.int("SIMULATOR_PORT", default=PORT + 1)
SIMULATOR_URL = f"http://127.0.0.1:{SIMULATOR_PORT}"
DEMO_PASSWORD = env.str("DEMO_PASSWORD", default="bookedbarber-demo")
