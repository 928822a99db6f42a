from .audit_entries import AuditEntry
from .idempotency_keys import IdempotencyKey
from .job_runs import JobRun
from .state_changes import StateChange

__all__ = ["AuditEntry", "IdempotencyKey", "JobRun", "StateChange"]
