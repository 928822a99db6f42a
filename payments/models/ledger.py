import pgtrigger
from django.contrib.postgres.indexes import BrinIndex
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


# Any number that no other advisory lock has.
SEALING_LOCK = 7_203_514_411
# What is booked with an older moment than this asks whether its day is sealed by now; anything
# else cannot be of a sealed day, because a day is sealed an hour after its end.
BOOKED_LATE_MINUTES = 30

DAY_IS_OPEN = f"""
    IF EXISTS (
        SELECT 1 FROM new_transactions
        WHERE booked_at < clock_timestamp() - interval '{BOOKED_LATE_MINUTES} minutes'
    ) THEN
        PERFORM pg_advisory_xact_lock_shared({SEALING_LOCK});
        IF EXISTS (
            SELECT 1 FROM new_transactions WHERE booked_at < (
                SELECT (max(day) + 1)::timestamp AT TIME ZONE 'UTC' FROM payments_ledgerseal)
        ) THEN
            RAISE EXCEPTION 'the day of this ledger transaction is sealed'
                USING ERRCODE = 'check_violation';
        END IF;
    END IF;
    RETURN NULL;
"""  # noqa: S608  the parts are constants


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
        indexes = [
            # Rows come nearly in this order, so the pages of a day are found by a tiny index.
            BrinIndex(fields=["booked_at"], name="ledger_booked_at", autosummarize=True),
        ]
        triggers = [
            *append_only(),
            pgtrigger.Trigger(
                name="day_is_open",
                level=pgtrigger.Statement,
                when=pgtrigger.After,
                operation=pgtrigger.Insert,
                referencing=pgtrigger.Referencing(new="new_transactions"),
                func=DAY_IS_OPEN,
            ),
        ]

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
