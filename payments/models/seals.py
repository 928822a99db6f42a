from django.db import models
from django.db.models import Q
from django.utils import timezone

from bookedbarber.foundation.append_only import append_only
from processors.states import Environment


class LedgerSeal(models.Model):
    """The hash over a closed day of the ledger (UTC) and over the seal before it.

    A transaction belongs to the day on which it was booked, whenever it occurred, so a closed day
    never changes: what comes late is booked today. The database refuses to book into a sealed day.
    """

    environment = models.CharField(max_length=10, choices=Environment.choices)
    day = models.DateField(help_text="In UTC.")
    previous = models.CharField(max_length=64, help_text="The seal of the day before.")
    transactions = models.BigIntegerField(help_text="How many were booked on the day.")
    root = models.CharField(max_length=64, help_text="Of the day's Merkle tree.")
    seal = models.CharField(max_length=64)
    sealed_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["environment", "day"], name="ledger_seal_once"),
            models.CheckConstraint(
                condition=Q(transactions__gte=0), name="ledger_seal_counts_transactions"
            ),
        ]
        triggers = append_only()

    def __str__(self) -> str:
        return f"{self.environment} {self.day}"
