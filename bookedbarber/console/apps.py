from django.apps import AppConfig


class ConsoleConfig(AppConfig):
    name = "bookedbarber.console"
    label = "console"
