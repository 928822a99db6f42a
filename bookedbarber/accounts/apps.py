from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "bookedbarber.accounts"
    label = "accounts"

    def ready(self) -> None:
        from . import checks  # noqa: F401  registers the settings checks
        from .api import schema  # noqa: F401  registers our tokens with the OpenAPI description
