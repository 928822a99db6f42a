import pgtrigger
from django.db import models
from django.db.models import Q
from django.utils import timezone

from bookedbarber.foundation.append_only import append_only
from bookedbarber.foundation.money import Money
from processors.states import Environment

from ..states import AccountCode, PostingSource


class LedgerAccount(models.Model):
    """An account of the books. It stores no balance: that is the sum of its entries."""

    environment = models.CharField(max_length=10, choices=Environment.choices)
    code = models.CharField(max_length=20, choices=AccountCode.choices)
    barber_id = models.BigIntegerField(help_text="0: not a barber's.")
    connection_id = models.BigIntegerField(help_text="0: not a connection's.")
    currency = models.CharField(max_length=3)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["environment", "code", "barber_id", "connection_id", "currency"],
                name="ledger_account_once",
            ),
        ]
        triggers = append_only()

    def __str__(self) -> str:
        owner = f":{self.barber_id}" if self.barber_id else ""
        return f"{self.code}{owner} {self.currency}"


class LedgerTransaction(models.Model):
    """One fact in the books. Unique by its source, so a fact is never posted twice."""

    kind = models.CharField(max_length=30)
    source_type = models.CharField(max_length=20, choices=PostingSource.choices)
    source_id = models.BigIntegerField()
    revision = models.PositiveIntegerField(default=1)
    occurred_at = models.DateTimeField()
    booked_at = models.DateTimeField(default=timezone.now)
    by = models.CharField(max_length=60)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["source_type", "source_id", "kind", "revision"],
                name="ledger_fact_once",
            ),
        ]
        triggers = append_only()

    def __str__(self) -> str:
        return f"{self.kind} of {self.source_type} {self.source_id}"


# Entries of one transaction arrive in one statement, so the sum can be checked at its end, where
# the fault is, instead of at the commit.
ENTRIES_BALANCE = """
    IF EXISTS (
        SELECT 1 FROM new_entries
        GROUP BY transaction_id, currency HAVING SUM(amount_minor) <> 0
    ) THEN
        RAISE EXCEPTION 'ledger entries do not sum to zero' USING ERRCODE = 'check_violation';
    END IF;
    IF EXISTS (
        SELECT 1 FROM new_entries e JOIN payments_ledgeraccount a ON a.id = e.account_id
        WHERE a.currency <> e.currency
    ) THEN
        RAISE EXCEPTION 'ledger entry in another currency than its account'
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
"""


class LedgerEntry(models.Model):
    """One side of a ledger transaction: `+` debit, `−` credit, never zero."""

    transaction = models.ForeignKey(LedgerTransaction, models.PROTECT, related_name="entries")
    account = models.ForeignKey(LedgerAccount, models.PROTECT, related_name="entries")
    barber_id = models.BigIntegerField(help_text="The account's barber, 0 for none.")
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)

    class Meta:
        verbose_name_plural = "ledger entries"
        constraints = [
            models.CheckConstraint(condition=~Q(amount_minor=0), name="ledger_entry_is_not_zero"),
        ]
        indexes = [
            models.Index(
                fields=["account", "id"], include=["amount_minor"], name="ledger_entry_balance"
            ),
        ]
        triggers = [
            *append_only(),
            pgtrigger.Trigger(
                name="entries_balance",
                level=pgtrigger.Statement,
                when=pgtrigger.After,
                operation=pgtrigger.Insert,
                referencing=pgtrigger.Referencing(new="new_entries"),
                func=ENTRIES_BALANCE,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.amount} on {self.account_id}"

    @property
    def amount(self) -> Money:
        return Money(self.amount_minor, self.currency)
