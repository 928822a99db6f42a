from collections.abc import Mapping
from typing import Any

from django.utils import timezone

from bookedbarber.foundation.job_runs import Run
from bookedbarber.foundation.job_tasks import slot_task

from .operations import refresh_tokens


@slot_task("accounts.forget_expired_tokens")
def forget_expired_tokens(_run: Run) -> Mapping[str, Any]:
    return {"forgotten": refresh_tokens.forget_expired_tokens(now=timezone.now())}
