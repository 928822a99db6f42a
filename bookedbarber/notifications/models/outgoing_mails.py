from datetime import datetime
from typing import ClassVar, Self

from django.db import models
from django.db.models import Q
from django.utils import timezone

from bookedbarber.foundation.transitions import Transitions

from ..states import DUE_MAIL_STATES, MAIL_TRANSITIONS, MailState


class OutgoingMailQuerySet(models.QuerySet["OutgoingMail"]):
    def due(self, *, now: datetime) -> Self:
        """Those that a worker should take now, the longest waiting first."""
        rows = self.filter(state__in=DUE_MAIL_STATES, next_try_at__lte=now)
        return rows.order_by("next_try_at", "pk")


class OutgoingMail(models.Model):
    """One mail about one fact. Its row is its place in the queue.

    The key names the fact, so that nobody is told twice. The words are made at the first try and
    are kept, so a mail that is sent again says the same.
    """

    TRANSITIONS: ClassVar[Transitions] = MAIL_TRANSITIONS

    key = models.CharField(max_length=150, unique=True, help_text="The fact it tells of.")
    to = models.EmailField()
    template = models.CharField(max_length=60, help_text="In templates/notifications.")
    context = models.JSONField(default=dict, help_text="What the template fills in: texts only.")
    subject_line = models.CharField(max_length=200, blank=True)
    text = models.TextField(blank=True)
    state = models.CharField(max_length=10, choices=MailState.choices, default=MailState.PENDING)
    next_try_at = models.DateTimeField(null=True, help_text="While it is sent: the lease's end.")
    give_up_at = models.DateTimeField(help_text="It is tried until then.")
    tries = models.PositiveIntegerField(default=0, help_text="How often it failed.")
    error = models.TextField(blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    sent_at = models.DateTimeField(null=True)

    objects = OutgoingMailQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=MailState.values), name="outgoing_mail_state_is_known"
            ),
            models.CheckConstraint(
                condition=Q(next_try_at__isnull=False) | ~Q(state__in=sorted(DUE_MAIL_STATES)),
                name="outgoing_mail_open_is_due",
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_try_at", "id"],
                condition=Q(state__in=sorted(DUE_MAIL_STATES)),
                name="outgoing_mail_due",
            ),
            models.Index(fields=["created_at"], name="outgoing_mail_age"),
            models.Index(fields=["to", "-id"], name="outgoing_mail_of_person"),
        ]

    def __str__(self) -> str:
        return f"{self.template} to {self.to}"

    @property
    def subject(self) -> str:
        return f"outgoing_mail:{self.pk}"
