from .appointments import Appointment, AppointmentStatus
from .clients import Client
from .offers import Service

__all__ = ["Appointment", "AppointmentStatus", "Client", "Service"]
