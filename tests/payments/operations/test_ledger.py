"""The one door into the books, and what the database refuses behind it."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from django.db import IntegrityError, InternalError, connection, transaction

from bookedbarber.foundation.money import Money
from payments.models import LedgerAccount, LedgerEntry, LedgerTransaction
from payments.operations.ledger import post
from payments.rules.postings import Entry, Posting, post_accrual
from payments.states import AccountCode
from tests import factories
from tests.payments.books import BY, charge, get_balances, record

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)


def owed(number: int = 1, amount: Money | None = None, barber_id: int = 3) -> Posting:
    return post_accrual(
        accrual_id=number,
        environment="sandbox",
        barber_id=barber_id,
        amount=amount or Money(15_00, "USD"),
        occurred_at=NOON,
    )


def book(*postings: Posting) -> int:
    return post(postings, by=BY, now=NOON)


def unbalanced(*entries: Entry) -> Posting:
    return replace(owed(), entries=entries)


def test_a_posting_becomes_a_transaction_with_its_entries_in_order():
    assert book(owed()) == 1

    booked = LedgerTransaction.objects.get()
    assert (booked.kind, booked.source_type, booked.source_id) == ("accrual", "accrual", 1)
    assert (booked.occurred_at, booked.booked_at, booked.by) == (NOON, NOON, BY)
    entries = booked.entries.order_by("id").values_list(
        "account__code", "barber_id", "amount_minor", "currency"
    )
    assert list(entries) == [
        ("receivable", 3, 15_00, "USD"),
        ("commission", 0, -15_00, "USD"),
    ]


def test_nothing_to_post_books_nothing():
    assert book() == 0
    assert not LedgerTransaction.objects.exists()


def test_the_same_fact_is_booked_once():
    book(owed())

    assert book(owed()) == 0
    assert book(owed(amount=Money(99_00, "USD"))) == 0
    assert get_balances() == {"receivable": 15_00, "commission": -15_00}


def test_the_same_fact_twice_in_one_batch_is_booked_once():
    assert book(owed(), owed()) == 1
    assert get_balances() == {"receivable": 15_00, "commission": -15_00}


def test_known_facts_do_not_keep_new_ones_out():
    book(owed(1))

    assert book(owed(1), owed(2), replace(owed(1), revision=2)) == 2
    assert get_balances() == {"receivable": 45_00, "commission": -45_00}


def test_accounts_are_opened_once_for_each_barber_currency_and_environment():
    book(owed(1), owed(2), owed(3, barber_id=4), owed(4, Money(5_00, "GBP")))
    book(replace(owed(5), environment="production"), owed(6))

    receivables = LedgerAccount.objects.filter(code=AccountCode.RECEIVABLE)
    assert set(receivables.values_list("environment", "barber_id", "currency")) == {
        ("sandbox", 3, "USD"),
        ("sandbox", 4, "USD"),
        ("sandbox", 3, "GBP"),
        ("production", 3, "USD"),
    }
    assert LedgerAccount.objects.count() == 7
    assert get_balances(account__environment="production") == {
        "receivable": 15_00,
        "commission": -15_00,
    }


@pytest.mark.parametrize(
    "posting",
    [
        unbalanced(Entry(AccountCode.RECEIVABLE, Money(1, "USD"), 3)),
        unbalanced(
            Entry(AccountCode.RECEIVABLE, Money(15_00, "USD"), 3),
            Entry(AccountCode.COMMISSION, Money(-14_99, "USD")),
        ),
        # In sum, but not in each currency.
        unbalanced(
            Entry(AccountCode.RECEIVABLE, Money(15_00, "USD"), 3),
            Entry(AccountCode.COMMISSION, Money(-15_00, "GBP")),
        ),
        # An entry of nothing.
        unbalanced(
            Entry(AccountCode.RECEIVABLE, Money(0, "USD"), 3),
            Entry(AccountCode.COMMISSION, Money(0, "USD")),
        ),
    ],
)
def test_the_database_refuses_what_does_not_balance(posting: Posting):
    with pytest.raises(IntegrityError), transaction.atomic():
        book(owed(2), posting)

    assert not LedgerTransaction.objects.exists()


def insert_entries(*rows: tuple[int, int, str]) -> None:
    """Raw SQL into the one transaction there is: (account id, minor units, currency)."""
    booked = LedgerTransaction.objects.get()
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO payments_ledgerentry
              (transaction_id, account_id, barber_id, amount_minor, currency)
            SELECT %s, unnest(%s), 0, unnest(%s), unnest(%s)
            """,
            [booked.pk, *map(list, zip(*rows, strict=True))],
        )


def test_raw_sql_cannot_unbalance_a_transaction_either():
    book(owed())
    account = LedgerAccount.objects.get(code=AccountCode.COMMISSION).pk

    with pytest.raises(IntegrityError, match="do not sum to zero"), transaction.atomic():
        insert_entries((account, 1, "USD"))


def test_an_entry_in_another_currency_than_its_account_is_refused():
    book(owed())
    account = LedgerAccount.objects.get(code=AccountCode.COMMISSION).pk

    with pytest.raises(IntegrityError, match="another currency"), transaction.atomic():
        insert_entries((account, 5, "GBP"), (account, -5, "GBP"))


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE payments_ledgerentry SET amount_minor = amount_minor + 1",
        "DELETE FROM payments_ledgerentry",
        "UPDATE payments_ledgertransaction SET by = 'somebody'",
        "DELETE FROM payments_ledgertransaction",
        "UPDATE payments_ledgeraccount SET currency = 'GBP'",
        "DELETE FROM payments_ledgeraccount",
        "UPDATE payments_accrual SET amount_minor = 0, commission_minor = 0",
        "DELETE FROM payments_accrual",
    ],
)
def test_what_is_booked_is_neither_changed_nor_deleted(statement: str):
    barber = factories.create_barber()
    record(factories.create_connection(barber), charge())
    before = list(LedgerEntry.objects.order_by("id").values_list("amount_minor", flat=True))

    with pytest.raises(InternalError, match="Cannot update or delete"), transaction.atomic():
        connection.cursor().execute(statement)

    after = list(LedgerEntry.objects.order_by("id").values_list("amount_minor", flat=True))
    assert before == after == [15_00, -15_00]
