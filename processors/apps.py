from django.apps import AppConfig


class ProcessorsConfig(AppConfig):
    name = "processors"

    def ready(self) -> None:
        from . import checks  # noqa: F401  registers the deploy checks
