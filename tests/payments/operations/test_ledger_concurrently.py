"""Posting at the same moment: real threads, real commits; no cent is lost and nothing hangs."""

import threading
from datetime import UTC, datetime

import pytest
from django.db import transaction

from bookedbarber.foundation.database import retry_transaction
from bookedbarber.foundation.money import Money
from payments.models import LedgerAccount, LedgerEntry, LedgerTransaction
from payments.operations.ledger import post
from payments.rules.postings import Posting, post_accrual
from tests.payments.books import BY, at_once, get_balances, get_failed_checks

pytestmark = pytest.mark.django_db(transaction=True)

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
THREADS = 8


def owed(number: int, barber_id: int = 3) -> Posting:
    return post_accrual(
        accrual_id=number,
        environment="sandbox",
        barber_id=barber_id,
        amount=Money(number, "USD"),
        occurred_at=NOON,
    )


@pytest.fixture(autouse=True)
def _short_waits(settings):
    settings.TRANSACTION_RETRY_SECONDS = 0.02


@retry_transaction
def book(*batches: list[Posting]) -> int:
    """Several batches in one transaction, which a lost race repeats as a whole."""
    return sum(post(batch, by=BY, now=NOON) for batch in batches)


def test_one_fact_posted_by_two_is_booked_once():
    booked = at_once([lambda: book([owed(15_00)]) for _ in range(2)])

    assert sorted(booked) == [0, 1]
    assert get_balances() == {"receivable": 15_00, "commission": -15_00}


def test_a_fact_whose_first_poster_gave_up_is_booked_by_the_second():
    is_posted, may_end = threading.Event(), threading.Event()

    def give_up() -> None:
        with transaction.atomic():
            post([owed(15_00)], by=BY, now=NOON)
            is_posted.set()
            may_end.wait(timeout=60)
            transaction.set_rollback(True)

    def follow() -> int:
        is_posted.wait(timeout=60)
        threading.Timer(0.1, may_end.set).start()
        return book([owed(15_00)])

    assert at_once([give_up, follow]) == [None, 1]
    assert get_balances() == {"receivable": 15_00, "commission": -15_00}


def test_many_facts_that_open_the_same_accounts_lose_no_cent():
    facts = range(1, 201)

    def post_every_eighth(first: int) -> int:
        mine = [owed(number, barber_id=3 + number % 5) for number in facts[first::THREADS]]
        # Each thread meets the new accounts in another order.
        turned = mine[first:] + mine[:first]
        return sum(book([posting]) for posting in turned)

    booked = at_once([lambda first=first: post_every_eighth(first) for first in range(THREADS)])

    assert booked == [len(facts) // THREADS] * THREADS
    assert get_balances() == {"receivable": sum(facts), "commission": -sum(facts)}
    assert LedgerAccount.objects.count() == 6
    assert LedgerEntry.objects.count() == 2 * LedgerTransaction.objects.count() == 2 * len(facts)


def test_transactions_that_open_accounts_crosswise_get_through():
    """Two batches in one transaction, the other way round in half of the threads."""

    def cross(number: int) -> int:
        batches = [[owed(100 + number, barber_id=3)], [owed(200 + number, barber_id=4)]]
        return book(*(batches if number % 2 else reversed(batches)))

    booked = at_once([lambda number=number: cross(number) for number in range(THREADS)])

    assert booked == [2] * THREADS
    due = sum(300 + 2 * number for number in range(THREADS))
    assert get_balances() == {"receivable": due, "commission": -due}


def test_facts_that_everybody_posts_are_booked_once():
    facts = [owed(number, barber_id=3 + number % 3) for number in range(1, 51)]

    booked = at_once([lambda: book(facts) for _ in range(THREADS)])

    assert sorted(booked) == [0] * (THREADS - 1) + [len(facts)]
    assert get_balances()["receivable"] == sum(range(1, 51))
    assert "transactions_balance" not in get_failed_checks()
