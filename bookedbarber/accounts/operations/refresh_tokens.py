"""Housekeeping of refresh tokens."""

from datetime import datetime

from rest_framework_simplejwt.token_blacklist.models import OutstandingToken


def forget_expired_tokens(*, now: datetime) -> int:
    """Forget refresh tokens that can no longer be used, spent or not; returns how many rows."""
    deleted, _ = OutstandingToken.objects.filter(expires_at__lte=now).delete()
    return deleted
