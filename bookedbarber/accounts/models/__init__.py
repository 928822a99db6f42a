from .barbers import Barber
from .shops import Enterprise, Shop
from .users import User

__all__ = ["Barber", "Enterprise", "Shop", "User"]
