from django.apps import AppConfig


class BookingsConfig(AppConfig):
    name = "bookedbarber.bookings"
    label = "bookings"
