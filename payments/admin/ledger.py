"""The books."""

from collections.abc import Sequence

from django.contrib import admin
from django.db.models import Q, Sum

from bookedbarber.foundation.admin_base import ReadOnlyAdmin
from bookedbarber.foundation.admin_display import Table, money
from bookedbarber.foundation.admin_lists import CurrencyFilter, read_number
from bookedbarber.foundation.money import Money

from ..models import LedgerAccount, LedgerEntry, LedgerSeal, LedgerTransaction
from ..states import PostingSource
from .tables import MOST_ROWS, to_entries_table


@admin.register(LedgerAccount)
class LedgerAccountAdmin(ReadOnlyAdmin):
    list_display = ("id", "code", "barber_id", "connection_id", "currency", "environment")
    list_filter = ("code", CurrencyFilter, "environment")
    search_fields = ("id", "barber_id", "connection_id")
    search_help_text = "An exact id of the account, the barber or the connection"
    fields = (
        ("code", "currency"),
        ("barber_id", "connection_id"),
        ("environment", "balance"),
    )

    @admin.display(description="balance")
    def balance(self, account: LedgerAccount) -> str:
        entries = account.entries.aggregate(balance=Sum("amount_minor"))
        return str(Money(entries["balance"] or 0, account.currency))

    def list_tables(self, row: LedgerAccount) -> list[Table]:
        latest = row.entries.select_related("transaction", "account").order_by("-id")
        return [to_entries_table(f"Latest entries, at most {MOST_ROWS}", latest[:MOST_ROWS])]


@admin.register(LedgerTransaction)
class LedgerTransactionAdmin(ReadOnlyAdmin):
    list_display = ("id", "kind", "source_type", "source_id", "revision", "occurred_at", "by")
    list_filter = ("source_type",)
    search_fields = ("id",)
    search_help_text = "An exact id of the transaction or its source"
    fields = (
        ("kind", "revision"),
        ("source_type", "source_id"),
        ("occurred_at", "booked_at"),
        "by",
    )

    def get_exact_conditions(self, term: str) -> Sequence[Q]:
        conditions = list(super().get_exact_conditions(term))
        if (source_id := read_number(term)) is not None:
            # The index begins with the type, so all types are named.
            conditions.append(Q(source_type__in=PostingSource.values, source_id=source_id))
        return conditions

    def list_tables(self, row: LedgerTransaction) -> list[Table]:
        entries = row.entries.select_related("transaction", "account").order_by("id")
        return [to_entries_table("Entries, which sum to zero", entries)]


@admin.register(LedgerEntry)
class LedgerEntryAdmin(ReadOnlyAdmin):
    list_display = ("id", "transaction", "account", money("amount_minor", "amount"), "barber_id")
    list_select_related = ("transaction", "account")
    list_filter = (CurrencyFilter,)
    search_fields = ("id", "transaction_id", "account_id")
    search_help_text = "An exact id of the entry, its transaction or its account"
    fields = ("transaction", "account", money("amount_minor", "amount"), "barber_id")


@admin.register(LedgerSeal)
class LedgerSealAdmin(ReadOnlyAdmin):
    """`verify_books` recomputes them."""

    list_display = ("day", "environment", "transactions", "seal", "sealed_at")
    list_filter = ("environment",)
    search_fields = ("id", "seal")
    search_help_text = "An exact id or seal"
    fields = (("day", "environment"), "transactions", "root", "previous", "seal", "sealed_at")
