"""Who did what, before and after, for acts that are not a move of state."""

from collections.abc import Mapping

from .models import AuditEntry


def record_audit(
    *,
    subject: str,
    action: str,
    by: str,
    before: Mapping[str, object] | None = None,
    after: Mapping[str, object] | None = None,
    reason: str = "",
) -> AuditEntry:
    """Write one entry inside the caller's transaction. Values must be JSON and hold no secret."""
    return AuditEntry.objects.create(
        subject=subject, action=action, by=by, before=before, after=after, reason=reason
    )
