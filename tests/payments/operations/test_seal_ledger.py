"""Closed days of the ledger are sealed, and nobody changes them unnoticed."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from payments.models import LedgerEntry, LedgerSeal, LedgerTransaction
from payments.operations.ledger import post
from payments.operations.seals import seal_ledger
from payments.queries.book_checks import verify_books
from payments.queries.seals import prove_transactions
from payments.rules.postings import Posting, post_accrual
from payments.rules.seals import NO_PREVIOUS, climb, to_canonical
from tests.payments.books import at_once, triggers_off, usd

FIRST = datetime(2026, 6, 1, 12, tzinfo=UTC)
MORNING = datetime(2026, 6, 5, 9, tzinfo=UTC)
DAY = timedelta(days=1)

pytestmark = pytest.mark.django_db


def book(number: int, *, at: datetime, environment: str = "sandbox") -> Posting:
    posting = post_accrual(
        accrual_id=number,
        environment=environment,
        barber_id=7,
        amount=usd(100 + number),
        occurred_at=FIRST - 30 * DAY,
    )
    post([posting], by="job:test", now=at)
    return posting


def keep_books() -> None:
    """Five sales on the first day, none on the second, one on the third; all days sealed."""
    for number in range(5):
        book(number, at=FIRST + timedelta(hours=2 * number))
    book(5, at=FIRST + 2 * DAY)
    seal_ledger(now=MORNING)


def find_offences() -> list[str]:
    return [
        offence.what
        for check, found in verify_books()
        for offence in found
        if check.name == "seals_fit_the_ledger"
    ]


def test_every_closed_day_is_sealed_once_and_follows_on_the_one_before():
    keep_books()

    assert seal_ledger(now=MORNING) == 0
    seals = list(LedgerSeal.objects.order_by("day"))
    assert [(seal.day, seal.transactions) for seal in seals] == [
        (date(2026, 6, 1), 5),
        (date(2026, 6, 2), 0),
        (date(2026, 6, 3), 1),
        (date(2026, 6, 4), 0),
    ]
    assert [seal.previous for seal in seals] == [NO_PREVIOUS, *(s.seal for s in seals[:-1])]
    assert find_offences() == []


def test_a_day_is_sealed_an_hour_after_its_end():
    book(1, at=FIRST)
    midnight = datetime(2026, 6, 2, tzinfo=UTC)

    assert seal_ledger(now=midnight + timedelta(minutes=59)) == 0
    assert seal_ledger(now=midnight + timedelta(minutes=60)) == 1


def test_environments_have_seals_of_their_own():
    book(1, at=FIRST)
    book(2, at=FIRST + DAY, environment="production")

    seal_ledger(now=FIRST + 2 * DAY)

    first = LedgerSeal.objects.filter(previous=NO_PREVIOUS).values_list("environment", "day")
    assert sorted(first) == [("production", date(2026, 6, 2)), ("sandbox", date(2026, 6, 1))]
    assert find_offences() == []


def test_what_is_booked_late_belongs_to_the_day_of_its_booking():
    keep_books()

    book(6, at=MORNING)
    seal_ledger(now=MORNING + DAY)

    assert LedgerSeal.objects.get(day=MORNING.date()).transactions == 1
    assert find_offences() == []


def test_the_database_refuses_to_book_into_a_sealed_day():
    keep_books()

    with pytest.raises(IntegrityError, match="is sealed"), transaction.atomic():
        book(6, at=MORNING - DAY)

    assert LedgerTransaction.objects.count() == 6


def change_an_amount() -> None:
    """Both sides of it, so that everything else in the books still fits."""
    pair = LedgerTransaction.objects.get(source_id=3).entries.all()
    for entry in pair:
        LedgerEntry.objects.filter(pk=entry.pk).update(amount_minor=entry.amount_minor * 2)


def remove_a_transaction() -> None:
    gone = LedgerTransaction.objects.get(source_id=5)
    gone.entries.all().delete()
    gone.delete()


def date_it_elsewhere() -> None:
    LedgerTransaction.objects.filter(source_id=5).update(booked_at=FIRST + DAY)


def forge_a_seal() -> None:
    LedgerSeal.objects.filter(day="2026-06-03").update(seal="f" * 64)


def leave_a_day_out() -> None:
    LedgerSeal.objects.filter(day="2026-06-02").delete()


@pytest.mark.parametrize(
    ("tamper", "days"),
    [
        (change_an_amount, ["2026-06-01"]),
        (remove_a_transaction, ["2026-06-03"]),
        (date_it_elsewhere, ["2026-06-02", "2026-06-03"]),
        (forge_a_seal, ["2026-06-03", "2026-06-04"]),
        (leave_a_day_out, ["2026-06-03", "2026-06-03"]),
    ],
)
def test_verify_books_names_the_days_that_were_tampered_with(
    tamper: Callable[[], None], days: list[str]
):
    keep_books()

    with triggers_off():
        tamper()

    assert find_offences() == [f"seal sandbox {day}" for day in days]


def test_a_transaction_is_proven_to_be_in_its_day_without_the_others():
    keep_books()
    wanted = LedgerTransaction.objects.filter(source_id__in=[1, 4, 5])

    proofs = prove_transactions("sandbox", [row.pk for row in wanted])

    assert [[one.transaction["source_id"] for one in day.transactions] for day in proofs] == [
        [1, 4],
        [5],
    ]
    for day in proofs:
        for one in day.transactions:
            assert climb(to_canonical(one.transaction), one.path) == day.seal.root


@pytest.mark.django_db(transaction=True)
def test_several_seal_each_day_once():
    book(1, at=FIRST)

    sealed = at_once([lambda: seal_ledger(now=FIRST + 4 * DAY)] * 3)

    assert sum(count for count in sealed if isinstance(count, int)) == 4
    assert find_offences() == []


def seal_impatiently() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = '200ms'")
    seal_ledger(now=FIRST + 2 * DAY)


@pytest.mark.django_db(transaction=True)
def test_what_is_still_being_booked_as_of_the_day_comes_before_its_seal():
    """A transaction that was held up for more than an hour holds up the seal, and is in it."""
    book(1, at=FIRST)

    with transaction.atomic():
        book(2, at=FIRST)
        waiting = at_once([seal_impatiently])

    assert isinstance(waiting[0], Exception)
    seal_ledger(now=FIRST + DAY)
    assert LedgerSeal.objects.get().transactions == 2


@pytest.mark.django_db(transaction=True)
def test_a_day_waits_for_the_transactions_that_were_begun_on_it():
    now = timezone.now()
    book(1, at=now)

    with transaction.atomic():
        book(2, at=now)
        early = at_once([lambda: seal_ledger(now=now + 2 * DAY)])

    assert early == [0]
    assert seal_ledger(now=now + 2 * DAY) >= 1
    assert LedgerSeal.objects.get(day=now.date()).transactions == 2
