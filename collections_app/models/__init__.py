from .alerts import OutstandingAlert
from .attempts import CollectionAttempt
from .collections import CollectionLine, PlatformCollection
from .mandates import Mandate, MandateSetup
from .rent_plans import RentPlan

__all__ = [
    "CollectionAttempt",
    "CollectionLine",
    "Mandate",
    "MandateSetup",
    "OutstandingAlert",
    "PlatformCollection",
    "RentPlan",
]
