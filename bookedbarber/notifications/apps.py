from django.apps import AppConfig


class NotificationsConfig(AppConfig):
    name = "bookedbarber.notifications"
    label = "notifications"
