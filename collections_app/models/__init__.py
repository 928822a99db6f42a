from .attempts import CollectionAttempt
from .collections import CollectionLine, PlatformCollection
from .mandates import Mandate
from .rent_plans import RentPlan

__all__ = [
    "CollectionAttempt",
    "CollectionLine",
    "Mandate",
    "PlatformCollection",
    "RentPlan",
]
