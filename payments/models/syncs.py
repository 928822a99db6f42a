from datetime import datetime, timedelta
from functools import partial
from typing import Self

from django.db import models
from django.db.models import Q
from django.utils import timezone

from bookedbarber.accounts.models import User
from bookedbarber.accounts.models.barbers import get_visibility
from bookedbarber.foundation.ids import new_public_id
from processors.models import Connection

from ..states import SyncOutcome


class SyncCursor(models.Model):
    """How far one list of an account has been read.

    While a reading is under way it has `started_at`, `since` (what it began with) and `position`
    (the page to go on with); when it is over, all that came before `read_until` is here.
    """

    connection = models.ForeignKey(Connection, models.PROTECT, related_name="sync_cursors")
    list_name = models.CharField(max_length=40)
    since = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    position = models.TextField(blank=True)
    read_until = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["connection", "list_name"], name="sync_cursor_once"),
        ]

    def __str__(self) -> str:
        return f"{self.list_name} of {self.connection_id}"

    @property
    def is_reading(self) -> bool:
        return self.started_at is not None

    def begin(self, *, since: datetime, now: datetime) -> None:
        """Start a reading; not saved."""
        self.since, self.started_at, self.position = since, now, ""

    def advance(self, position: str) -> None:
        """Go on to the page at `position`, or end the reading where there is none; not saved."""
        self.position = position
        if not position:
            self.read_until, self.started_at = self.started_at, None

    def get_next_since(self, *, overlap: timedelta) -> datetime:
        """Where the next reading starts: a little is read again."""
        return self.since if self.read_until is None else self.read_until - overlap


class SyncRunQuerySet(models.QuerySet["SyncRun"]):
    def visible_to(self, user: User) -> Self:
        return self.filter(get_visibility(user, "connection__owner__"))

    def requested(self) -> Self:
        return self.filter(started_at=None)

    def under_way(self) -> Self:
        return self.filter(ended_at=None).exclude(started_at=None)


class SyncRun(models.Model):
    """One reading of an account's lists: asked for, begun, ended.

    `seen` counts what the processor listed; of the movements in it `new` came in, `changed` said
    something else than before, `unchanged` wrote nothing.
    """

    public_id = models.CharField(
        max_length=40, unique=True, editable=False, default=partial(new_public_id, "syn")
    )
    connection = models.ForeignKey(Connection, models.PROTECT, related_name="sync_runs")
    requested_by = models.CharField(max_length=100)
    requested_at = models.DateTimeField(default=timezone.now)
    since = models.DateTimeField(null=True, help_text="Older history that was asked for.")
    is_forced = models.BooleanField(default=False, help_text="Read everything again.")
    is_thorough = models.BooleanField(default=True, help_text="Slow lists too.")
    continues = models.ForeignKey(
        "self", models.SET_NULL, null=True, help_text="The run that this one goes on for."
    )
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=20, choices=SyncOutcome.choices, blank=True)
    error = models.TextField(blank=True)
    pages = models.PositiveIntegerField(default=0)
    seen = models.PositiveBigIntegerField(default=0)
    new = models.PositiveBigIntegerField(default=0)
    changed = models.PositiveBigIntegerField(default=0)
    unchanged = models.PositiveBigIntegerField(default=0)
    unreadable = models.JSONField(default=list, help_text="The first that could not be read.")
    unreadable_count = models.PositiveBigIntegerField(default=0)
    not_used = models.JSONField(default=dict, help_text="Listed without a movement, by why.")

    objects = SyncRunQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["connection"], condition=Q(started_at=None), name="sync_requested_once"
            ),
            models.CheckConstraint(
                condition=Q(outcome__in=["", *SyncOutcome.values]),
                name="sync_outcome_is_known",
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None, outcome="") | (~Q(ended_at=None) & ~Q(outcome="")),
                name="sync_ended_has_outcome",
            ),
        ]
        indexes = [
            models.Index(fields=["connection", "-id"], name="sync_of_connection"),
            models.Index(fields=["id"], condition=Q(ended_at=None), name="sync_open"),
        ]

    def __str__(self) -> str:
        return self.public_id

    @property
    def status(self) -> str:
        """Where it stands, in one word."""
        if self.outcome:
            return self.outcome
        return "requested" if self.started_at is None else "running"
