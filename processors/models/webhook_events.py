from datetime import datetime
from typing import ClassVar, Self

from django.db import models
from django.db.models import Q
from django.utils import timezone

from bookedbarber.foundation.transitions import Transitions

from ..states import (
    DUE_WEBHOOK_STATES,
    OPEN_WEBHOOK_STATES,
    WEBHOOK_TRANSITIONS,
    WebhookState,
)
from .connections import Connection
from .webhook_doors import WebhookDoor


class WebhookEventQuerySet(models.QuerySet["WebhookEvent"]):
    def due(self, now: datetime) -> Self:
        """Those that a worker should take now, the longest waiting first."""
        rows = self.filter(state__in=DUE_WEBHOOK_STATES, next_try_at__lte=now)
        return rows.order_by("next_try_at", "pk")

    def parked(self) -> Self:
        return self.filter(state=WebhookState.PARKED)


class WebhookEvent(models.Model):
    """One event as a processor sent it. Its row is its place in the queue.

    A handled one is remembered for ever, so that it is never handled again; only its body goes.
    """

    TRANSITIONS: ClassVar[Transitions] = WEBHOOK_TRANSITIONS

    door = models.ForeignKey(WebhookDoor, models.PROTECT, related_name="events", db_index=False)
    connection = models.ForeignKey(
        Connection,
        models.PROTECT,
        null=True,
        related_name="webhook_events",
        db_index=False,
        help_text="Whose it is; at an application's door it is found out later.",
    )
    event_id = models.CharField(max_length=255)
    type = models.CharField(max_length=100)
    account_id = models.CharField(max_length=100, blank=True)
    object_id = models.CharField(max_length=255, blank=True)
    occurred_at = models.DateTimeField(null=True)
    received_at = models.DateTimeField(default=timezone.now)
    body = models.BinaryField(null=True, help_text="As it came, until it is forgotten.")
    signature = models.TextField(blank=True)
    state = models.CharField(
        max_length=10, choices=WebhookState.choices, default=WebhookState.RECEIVED
    )
    explanation = models.CharField(max_length=255, blank=True, help_text="Why it was not used.")
    waits_for = models.CharField(max_length=255, blank=True, help_text="An object's name.")
    next_try_at = models.DateTimeField(null=True)
    give_up_at = models.DateTimeField(help_text="It is tried, or waits, until then.")
    tries = models.PositiveIntegerField(default=0, help_text="How often it failed.")
    error = models.TextField(blank=True)
    handled_at = models.DateTimeField(null=True)

    objects = WebhookEventQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["door", "event_id"], name="webhook_event_once"),
            models.CheckConstraint(
                condition=Q(state__in=WebhookState.values), name="webhook_event_state_is_known"
            ),
            models.CheckConstraint(
                condition=Q(next_try_at__isnull=False) | ~Q(state__in=sorted(OPEN_WEBHOOK_STATES)),
                name="webhook_event_open_is_due",
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_try_at", "id"],
                condition=Q(state__in=sorted(OPEN_WEBHOOK_STATES)),
                name="webhook_event_due",
            ),
            models.Index(
                fields=["connection", "waits_for"],
                condition=Q(state=WebhookState.PARKED),
                name="webhook_event_parked",
            ),
            models.Index(fields=["door", "-id"], name="webhook_event_of_door"),
        ]

    def __str__(self) -> str:
        return f"{self.type} {self.event_id}"

    @property
    def subject(self) -> str:
        return f"webhook_event:{self.pk}"
