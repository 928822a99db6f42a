from .authorization_attempts import AuthorizationAttempt
from .connections import PLATFORM_OWNER_ID, Connection
from .fee_schedules import FeeSchedule
from .webhook_doors import WebhookDoor
from .webhook_events import WebhookEvent

__all__ = [
    "PLATFORM_OWNER_ID",
    "AuthorizationAttempt",
    "Connection",
    "FeeSchedule",
    "WebhookDoor",
    "WebhookEvent",
]
