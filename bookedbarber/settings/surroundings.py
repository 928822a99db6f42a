"""Where and how it runs."""

from bookedbarber import environment

from .variables import env

DEBUG = env.bool("DEBUG", default=False)
ROOT = environment.ROOT
HOME = environment.get_home()
PORT = env.int("PORT", default=8000)
PUBLIC_URL = env.str("PUBLIC_URL", default=f"http://127.0.0.1:{PORT}").rstrip("/")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost"])
