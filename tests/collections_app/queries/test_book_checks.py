"""Each invariant of collections: planted defects are found under its name, and nothing else is."""

from collections.abc import Callable
from typing import Any

import pytest

from collections_app.models import CollectionAttempt, CollectionLine, PlatformCollection
from collections_app.operations.collections import waive_collection
from collections_app.operations.contests import contest_line, uphold_contest
from collections_app.operations.payments_by_decision import pay_by_hand
from collections_app.queries.book_checks import COLLECTION_CHECKS
from payments.models import Accrual, LedgerTransaction
from tests.collections_app.owing import BUILD, build, build_one, create_owing_barber, sell
from tests.payments.books import BY, get_failed_checks, triggers_off

pytestmark = pytest.mark.django_db

PAID, WAIVED, OPEN = 20_00, 40_00, 60_00


def keep_books() -> None:
    """A collection that was paid, one that was waived, and one with a contest that was upheld."""
    said: dict[str, Any] = {"by": BY, "now": BUILD}
    for amount in (PAID, WAIVED, OPEN):
        _, account = create_owing_barber(commission_rate=100)
        sell(account, amount, *([5_00] if amount == OPEN else []))
        collection = build_one()
        if amount == PAID:
            pay_by_hand(collection=collection, reference="wire 7", **said)
        if amount == WAIVED:
            waive_collection(collection=collection, reason="A hard month.", **said)
    line = CollectionLine.objects.get(amount_minor=5_00)
    contest_line(line=line, reason="Not mine.", **said)
    uphold_contest(line=line, reason="Right.", **said)


def of(amount_minor: int):
    return PlatformCollection.objects.filter(amount_minor=amount_minor)


def lose_a_line() -> None:
    CollectionLine.objects.filter(amount_minor=OPEN).delete()


def exchange_the_lines_of_two_collections() -> None:
    """Equal amounts, so that no sum is another one."""
    for _ in range(2):
        sell(create_owing_barber(commission_rate=100)[1], 7_00)
    build()
    with triggers_off():
        one, other = CollectionLine.objects.filter(amount_minor=7_00)
        CollectionLine.objects.filter(pk=one.pk).update(collection=other.collection)
        CollectionLine.objects.filter(pk=other.pk).update(collection=one.collection)


def change_a_posting(kind: str) -> None:
    with triggers_off():
        LedgerTransaction.objects.filter(kind=kind).update(kind="other")


def forget_an_adjustment() -> None:
    with triggers_off():
        Accrual.objects.filter(kind="adjustment").update(reference="contest:0")


def begin_an_attempt() -> None:
    of(OPEN).update(state="processing")
    CollectionAttempt.objects.create(
        collection=of(OPEN).get(),
        number=1,
        method="card",
        amount_minor=OPEN,
        currency="USD",
        state="unknown",
        by=BY,
    )


DEFECTS: dict[str, list[Callable[[], object]]] = {
    "receivable_equals_what_is_owed": [],
    "collections_equal_their_lines": [
        lose_a_line,
        lambda: of(OPEN).update(line_count=2),
        lambda: of(OPEN).update(state="canceled"),
    ],
    "lines_fit_accruals": [exchange_the_lines_of_two_collections],
    "waivers_are_posted": [lambda: change_a_posting("waiver")],
    "contests_are_decided_as_they_say": [forget_an_adjustment],
    "collections_are_paid_by_an_attempt": [
        lambda: CollectionAttempt.objects.update(state="failed")
    ],
    "decided_payments_are_posted": [lambda: change_a_posting("manual_payment")],
    "open_debits_will_be_asked_about": [begin_an_attempt],
    "collections_under_way_go_on": [lambda: of(OPEN).update(state="processing")],
}


def test_books_that_are_kept_well_are_no_offence():
    keep_books()

    assert get_failed_checks() == set()


@pytest.mark.parametrize(
    ("name", "plant"),
    [(name, plant) for name, plants in DEFECTS.items() for plant in plants],
)
def test_a_defect_is_reported_by_its_check_alone(name, plant):
    keep_books()

    plant()

    assert get_failed_checks() == {name}


def test_what_is_collected_without_being_booked_is_missed_in_the_receivable():
    keep_books()

    of(OPEN).update(state="collected")

    assert get_failed_checks() == {
        "receivable_equals_what_is_owed",
        "collections_are_paid_by_an_attempt",
    }


def test_every_check_has_a_defect_that_it_finds():
    assert {check.name for check in COLLECTION_CHECKS} == set(DEFECTS)
