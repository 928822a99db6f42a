from datetime import datetime
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.utils import timezone

from bookedbarber.foundation.money import Money
from processors.models import Connection

from ..rules.questions import get_next_check, may_repeat
from ..states import FailureKind


class Instruction(models.Model):
    """What an account at a processor is told to do with money: a leg, a refund, a payout.

    Written down before it is sent, under its public id, and asked about until the processor has
    said what became of it.
    """

    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    lease_until = models.DateTimeField(null=True, help_text="Until then a call is under way.")
    next_check_at = models.DateTimeField(null=True, help_text="When the processor is asked next.")
    checks = models.PositiveIntegerField(default=0, help_text="How often it was asked.")
    is_unanswered = models.BooleanField(
        default=False, help_text="The last question got no answer at all."
    )
    failure_kind = models.CharField(max_length=20, choices=FailureKind.choices, blank=True)
    failure_code = models.CharField(max_length=100, blank=True)
    failure_message = models.TextField(blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        abstract = True

    if TYPE_CHECKING:

        @property
        def public_id(self) -> str: ...

        @property
        def connection(self) -> Connection:
            """The account: a column, or that of the leg."""

        @property
        def connection_id(self) -> int: ...

    def __str__(self) -> str:
        return self.public_id

    @property
    def subject(self) -> str:
        return self.public_id

    @property
    def amount(self) -> Money:
        return Money(self.amount_minor, self.currency)

    def get_next_check(self, *, now: datetime) -> datetime:
        """When to ask about it again, having asked as often as it was."""
        schedule = settings.QUESTION_SCHEDULE_SECONDS
        return get_next_check(asked=self.checks, schedule=schedule, now=now)

    def is_repeatable(self, *, now: datetime) -> bool:
        """Whether the processor still knows its key, so that the same call is the same money."""
        window = settings.REPEAT_WINDOW_SECONDS[self.connection.processor]
        return may_repeat(first_sent_at=self.created_at, window_seconds=window, now=now)
