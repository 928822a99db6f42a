"""Each invariant of payouts and disputes finds its planted defect."""

from collections.abc import Callable

import pytest
from django.db.models import F

from bookedbarber.accounts.models import Barber
from payments.models import ExternalTransaction, LedgerEntry, Payment, Payout, PayoutLine
from payments.operations.disputes import follow_disputes
from payments.queries.payout_checks import PAYOUT_CHECKS
from payments.states import TransactionKind
from processors.models import Connection
from tests import factories
from tests.payments.books import NOON, get_failed_checks, triggers_off
from tests.payments.disputes import a_statement, note, took
from tests.payments.payouts import create_destination, lose_answer, pay, refuse, reserve, sell


def keep_books() -> None:
    """A payout that was made and came back in part, a refused one, one under way, a dispute."""
    barber = factories.create_barber()
    create_destination(barber)
    platform = factories.create_platform_connection()
    sell(platform, barber)
    pay(reserve(barber), 20_00)
    sell(platform, barber, 50_00, fee_minor=1_75)
    refuse(reserve(barber))
    disputed = sell(platform, barber, 10_00, fee_minor=None, available_at=None)
    lose_answer(reserve(barber))
    note(platform, a_statement(disputed, movements=(took(disputed),)))
    follow_disputes()


def get_payout(state: str) -> Payout:
    return Payout.objects.get(state=state)


def shift_a_cent_between_two_lines() -> None:
    one, other = get_payout("unknown").lines.all()[:2]
    PayoutLine.objects.filter(pk=one.pk).update(amount_minor=F("amount_minor") + 1)
    PayoutLine.objects.filter(pk=other.pk).update(amount_minor=F("amount_minor") - 1)


def hold_a_line_of_a_failed_payout() -> None:
    PayoutLine.objects.filter(payout__state="unknown").delete()
    PayoutLine.objects.filter(payout__state="failed").update(released_at=None)


def forget_a_reversal() -> None:
    Payout.objects.filter(state="partly_reversed").update(reversed_minor=1)


def call_a_payout_reversed() -> None:
    Payout.objects.filter(state="partly_reversed").update(state="reversed")


def lose_a_transfer() -> None:
    transfers = ExternalTransaction.objects.filter(kind=TransactionKind.TRANSFER)
    transfers.update(our_reference="pyo_other")


def make_a_failed_payout() -> None:
    Payout.objects.filter(state="failed").update(state="paid")


def give_back_what_was_never_withheld() -> None:
    PayoutLine.objects.filter(withheld_minor__gt=0).update(withheld_minor=-1)


def change_an_entry_that_was_paid() -> None:
    """As if another amount had been owed than was paid."""
    with triggers_off():
        line = get_payout("partly_reversed").lines.get(kind="sale")
        entries = LedgerEntry.objects.filter(pk=line.entry_id or 0)
        entries.update(amount_minor=F("amount_minor") - 1)


DEFECTS: dict[str, list[Callable[[], object]]] = {
    "payouts_equal_their_lines": [
        lambda: Payout.objects.filter(state="unknown").update(amount_minor=1)
    ],
    "payout_lines_fit_entries": [
        shift_a_cent_between_two_lines,
        lambda: Payout.objects.filter(state="unknown").update(environment="production"),
    ],
    "payout_lines_live_with_their_payout": [
        lambda: PayoutLine.objects.filter(payout__state="unknown").update(released_at=NOON),
        hold_a_line_of_a_failed_payout,
    ],
    "payouts_have_transfers": [lose_a_transfer, make_a_failed_payout],
    "payouts_know_what_came_back": [forget_a_reversal, call_a_payout_reversed],
    "payables_are_paid_or_owed": [lose_a_transfer, change_an_entry_that_was_paid],
    "withheld_fees_are_given_back": [give_back_what_was_never_withheld],
    "open_payouts_will_be_asked_about": [
        lambda: Payout.objects.filter(state="unknown").update(next_check_at=None)
    ],
    "payments_know_what_is_disputed": [lambda: Payment.objects.update(disputed_minor=1)],
}


@pytest.mark.django_db
def test_clean_books_report_nothing():
    keep_books()

    assert get_failed_checks() == set()
    assert Barber.objects.count() == Connection.objects.of_platform().count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("name", "plant"),
    [(name, plant) for name, plants in DEFECTS.items() for plant in plants],
)
def test_a_defect_is_reported(name, plant):
    keep_books()

    plant()

    assert name in get_failed_checks()


def test_every_check_has_a_defect_that_it_finds():
    assert {check.name for check in PAYOUT_CHECKS} == set(DEFECTS)
