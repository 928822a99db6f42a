"""Idempotent requests: same key, same answer.

A request is claimed in the transaction that records the intent, and its answer is kept in the
transaction that records the outcome; so a key never exists without its subject.
"""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from .errors import Conflict, Unprocessable
from .models import IdempotencyKey

KEY_MAX_LENGTH = 255

_CLAIM = """
INSERT INTO foundation_idempotencykey
  (principal, key, fingerprint, subject, lease_until, created_at)
VALUES (%(principal)s, %(key)s, %(fingerprint)s, %(subject)s, %(lease_until)s, %(now)s)
ON CONFLICT (principal, key) DO NOTHING
"""

Answer = tuple[int, dict[str, Any]]


class KeyReused(Unprocessable):
    """This idempotency key was used for another request."""

    code = "IDEMPOTENCY_KEY_REUSED"


class StillInProgress(Conflict):
    """The first request with this idempotency key is still in progress."""

    code = "IDEMPOTENCY_IN_PROGRESS"


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyedRequest:
    """A request under a key. `render` turns its outcome into the answer that is kept."""

    principal: str
    key: str
    fingerprint: str
    render: Callable[[Any], Answer] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Remembered:
    """A repetition: the frozen answer, or the subject whose present state is the answer."""

    subject: str
    answer: Answer | None


def get_fingerprint(method: str, path: str, body: object) -> str:
    """Equal requests have equal fingerprints whatever the order of their fields."""
    canonical = json.dumps([method, path, body], sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def claim(
    request: KeyedRequest, *, subject: str, lease: timedelta, now: datetime
) -> Remembered | None:
    """Claim the key for `subject`; None means it is ours and the work may begin.

    The insert waits for a competing transaction to end, so of two at once one claims. Call it
    inside the transaction that records the intent, and roll that back unless it is None.

    :raises KeyReused: the key belongs to a request with another content.
    :raises StillInProgress: the first request holds its lease and has no answer yet.
    """
    values: dict[str, Any] = {
        "principal": request.principal,
        "key": request.key,
        "fingerprint": request.fingerprint,
        "subject": subject,
        "lease_until": now + lease,
        "now": now,
    }
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM, values)
        if cursor.rowcount == 1:
            return None
    row = IdempotencyKey.objects.get(principal=request.principal, key=request.key)
    return _recall(row, request, now)


def find_remembered(request: KeyedRequest, *, now: datetime) -> Remembered | None:
    """What an earlier request with this key led to, if there was one; raises as `claim`."""
    row = IdempotencyKey.objects.filter(principal=request.principal, key=request.key).first()
    return _recall(row, request, now) if row else None


def keep_answer(request: KeyedRequest, outcome: object) -> None:
    """Freeze the answer. Call it in the transaction that makes the outcome final."""
    status, answer = request.render(outcome)
    IdempotencyKey.objects.filter(principal=request.principal, key=request.key, status=None).update(
        status=status, answer=answer
    )


def release(request: KeyedRequest, *, now: datetime) -> None:
    """End the lease without an answer: repetitions are told the subject's present state."""
    IdempotencyKey.objects.filter(principal=request.principal, key=request.key).update(
        lease_until=now
    )


def forget(request: KeyedRequest) -> None:
    """Give back a key that was claimed for what turned out to be refused: nothing was changed."""
    IdempotencyKey.objects.filter(
        principal=request.principal, key=request.key, status=None
    ).delete()


def forget_old_keys(*, before: datetime) -> int:
    """Delete keys first used before `before`; returns how many."""
    deleted, _ = IdempotencyKey.objects.filter(created_at__lt=before).delete()
    return deleted


def _recall(row: IdempotencyKey, request: KeyedRequest, now: datetime) -> Remembered:
    if row.fingerprint != request.fingerprint:
        raise KeyReused()
    if row.status is not None and row.answer is not None:
        return Remembered(row.subject, (row.status, row.answer))
    if row.lease_until > now:
        raise StillInProgress()
    return Remembered(row.subject, None)
