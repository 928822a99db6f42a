from .authorization_attempts import AuthorizationAttempt
from .connections import PLATFORM_OWNER_ID, Connection
from .fee_schedules import FeeSchedule

__all__ = ["PLATFORM_OWNER_ID", "AuthorizationAttempt", "Connection", "FeeSchedule"]
