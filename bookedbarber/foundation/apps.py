from django.apps import AppConfig


class FoundationConfig(AppConfig):
    name = "bookedbarber.foundation"
    label = "foundation"

    def ready(self) -> None:
        from . import checks  # registers the settings checks

        checks.refuse_without_secret_key()
