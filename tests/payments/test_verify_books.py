"""Each invariant of the books: planted defects are found under its name, and nothing else is."""

import json
from collections.abc import Callable
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.core.management.base import BaseCommand
from django.db import connection

from bookedbarber.accounts.models import Barber
from bookedbarber.foundation.money import Money
from payments.management.commands.verify_books import Command
from payments.models import (
    Accrual,
    Discrepancy,
    ExternalTransaction,
    LedgerAccount,
    LedgerEntry,
    LedgerTransaction,
    Payment,
    PaymentLeg,
)
from payments.operations.ledger import post
from payments.queries.book_checks import CHECKS, MOST_SHOWN, list_checks, verify_books
from payments.queries.payout_checks import PAYOUT_CHECKS
from payments.rules.postings import Entry, Posting, post_accrual
from payments.states import AccountCode, PostingSource
from processors.contract import MovementKind
from processors.models import Connection
from tests import factories
from tests.payments.books import (
    BY,
    NOON,
    about,
    charge,
    create_leg,
    get_failed_checks,
    record,
    triggers_off,
    usd,
)
from tests.payments.refund_defects import REFUND_DEFECTS, keep_refund


def keep_books() -> None:
    """A central sale and two external ones, fees and all."""
    barber = factories.create_barber()
    platform = factories.create_platform_connection()
    square = factories.create_connection(barber)
    central, external = create_leg(platform, barber), create_leg(square, barber)
    record(platform, charge(our_reference=central.public_id, fee=usd(2_48)))
    record(
        square,
        charge(our_reference=external.public_id, fee=usd(2_05)),
        charge(amount=usd(40_00)),
    )


def transfer(debit: AccountCode, credit: AccountCode) -> None:
    """A balanced posting that no fact stands behind."""
    accounts = {
        AccountCode.CLEARING: {"connection_id": get_account("clearing").connection_id},
        AccountCode.PAYABLE: {"barber_id": get_account("payable").barber_id},
        AccountCode.RECEIVABLE: {"barber_id": get_account("receivable").barber_id},
    }
    posting = Posting(
        environment="sandbox",
        kind="invented",
        source_type=PostingSource.ACCRUAL,
        source_id=10**9,
        occurred_at=NOON,
        entries=(
            Entry(debit, Money(1, "USD"), **accounts.get(debit, {})),
            Entry(credit, Money(-1, "USD"), **accounts.get(credit, {})),
        ),
    )
    post([posting], by=BY, now=NOON)


def get_account(code: str) -> LedgerAccount:
    return LedgerAccount.objects.get(code=code)


def unbalance_a_transaction() -> None:
    with triggers_off():
        LedgerEntry.objects.filter(account__code="commission").update(amount_minor=-1)


def lose_the_entries_of_a_transaction() -> None:
    LedgerTransaction.objects.create(
        kind="sale", source_type="movement", source_id=10**9, occurred_at=NOON, by=BY
    )


def move_an_entry_to_another_barber() -> None:
    with triggers_off():
        LedgerEntry.objects.filter(account__code="payable").update(barber_id=10**9)


def exchange_the_postings_of_two_movements() -> None:
    """Of one account and one barber, so that no sum is another one."""
    platform = Connection.objects.get(owner_id=0)
    legs = [create_leg(platform, Barber.objects.get(), amount=usd(n)) for n in (5_00, 10_00)]
    one, other = record(
        platform, *(charge(our_reference=leg.public_id, amount=leg.amount) for leg in legs)
    )
    postings = LedgerTransaction.objects.filter(source_type="movement")
    with triggers_off():
        for old, new in ((one, -1), (other, one), (-1, other)):
            postings.filter(source_id=old).update(source_id=new)


def give_back_more_than_was_taken(kind: MovementKind) -> None:
    """On a barber's account, where no commission is left to give back."""
    sale = charge(amount=usd(10_00))
    square = Connection.objects.exclude(owner_id=0).get()
    record(square, sale, about(sale, kind), about(sale, kind, amount=usd(1)))


def win_a_dispute_that_nobody_lost() -> None:
    sale = charge(amount=usd(10_00))
    square = Connection.objects.exclude(owner_id=0).get()
    record(square, sale, about(sale, MovementKind.DISPUTE_WON))


def take_back_more_than_was_transferred() -> None:
    platform = Connection.objects.get(owner_id=0)
    transfer = charge(kind=MovementKind.TRANSFER, amount=usd(10_00))
    record(platform, transfer, about(transfer, MovementKind.TRANSFER_REVERSED, amount=usd(10_01)))


def keep_what_the_platform_does_not_hold() -> None:
    last = Accrual.objects.latest("pk")
    step = Accrual.objects.create(
        environment=last.environment,
        barber=last.barber,
        kind=last.kind,
        sale=last.sale,
        revision=2,
        base_minor=last.base_minor,
        rate=last.rate,
        commission_minor=0,
        kept_minor=1,
        amount_minor=-1,
        currency=last.currency,
        occurred_at=NOON,
    )
    posting = post_accrual(
        accrual_id=step.pk,
        environment=step.environment,
        barber_id=step.barber_id,
        amount=step.amount,
        occurred_at=NOON,
    )
    post([posting], by=BY, now=NOON)


def lose_the_movement_of_a_leg() -> None:
    ExternalTransaction.objects.filter(owner_id=0).update(our_reference="leg_other")


def fail_a_payment_that_was_captured() -> None:
    Payment.objects.filter(pk=Payment.objects.latest("pk").pk).update(state="failed")


def forget_a_discrepancy() -> None:
    record(Connection.objects.get(owner_id=0), charge(external_id="ch_unexplained"))
    Discrepancy.objects.all().delete()


def create_sale(*, leg: str, payment: str) -> None:
    row = create_leg(Connection.objects.get(owner_id=0), Barber.objects.get())
    PaymentLeg.objects.filter(pk=row.pk).update(state=leg)
    Payment.objects.filter(pk=row.payment_id).update(state=payment)


def shrink_the_base_of_a_sale() -> None:
    sale = ExternalTransaction.objects.get(amount_minor=40_00)
    ExternalTransaction.objects.filter(pk=sale.pk).update(base_minor=1_00)


def exchange_the_postings_of_two_accruals() -> None:
    one, other = Accrual.objects.order_by("pk").values_list("pk", flat=True)
    postings = LedgerTransaction.objects.filter(source_type="accrual")
    with triggers_off():
        for old, new in ((one, -1), (other, one), (-1, other)):
            postings.filter(source_id=old).update(source_id=new)


DEFECTS: dict[str, list[Callable[[], object]]] = {
    "transactions_balance": [unbalance_a_transaction, lose_the_entries_of_a_transaction],
    "entries_fit_accounts": [move_an_entry_to_another_barber],
    "legs_have_movements": [lose_the_movement_of_a_leg],
    "payments_are_covered": [fail_a_payment_that_was_captured],
    "sales_bear_their_commission": [shrink_the_base_of_a_sale],
    "sales_know_what_is_kept": [keep_what_the_platform_does_not_hold],
    "processing_fees_equal_what_was_borne": [
        lambda: transfer(AccountCode.PROCESSING_FEES, AccountCode.COMMISSION)
    ],
    "movements_are_posted": [exchange_the_postings_of_two_movements],
    "refunds_are_within_sales": [lambda: give_back_more_than_was_taken(MovementKind.REFUND)],
    "disputes_are_within_sales": [
        lambda: give_back_more_than_was_taken(MovementKind.DISPUTE),
        win_a_dispute_that_nobody_lost,
    ],
    "reversals_are_within_transfers": [take_back_more_than_was_transferred],
    "accruals_are_posted": [exchange_the_postings_of_two_accruals],
    "clearing_equals_movements": [lambda: transfer(AccountCode.CLEARING, AccountCode.COMMISSION)],
    "payable_equals_sales": [lambda: transfer(AccountCode.PAYABLE, AccountCode.COMMISSION)],
    "exchange_equals_conversions": [lambda: transfer(AccountCode.EXCHANGE, AccountCode.COMMISSION)],
    "suspense_equals_unexplained": [lambda: transfer(AccountCode.SUSPENSE, AccountCode.COMMISSION)],
    "unexplained_movements_are_reported": [forget_a_discrepancy],
    "final_payments_keep_no_tokens": [lambda: Payment.objects.update(sealed_tokens=b"kept")],
    "open_legs_will_be_asked_about": [lambda: create_sale(leg="unknown", payment="pending")],
    "payments_under_way_go_on": [lambda: create_sale(leg="authorized", payment="processing")],
    "final_payments_hold_nothing": [lambda: create_sale(leg="authorized", payment="failed")],
    **REFUND_DEFECTS,
}


@pytest.mark.django_db
def test_clean_books_report_nothing():
    assert get_failed_checks() == set()

    keep_books()

    assert get_failed_checks() == set()


@pytest.mark.django_db
def test_a_refund_that_is_kept_well_is_no_offence():
    keep_books()

    keep_refund()

    assert get_failed_checks() == set()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("name", "plant"),
    [(name, plant) for name, plants in DEFECTS.items() for plant in plants],
)
def test_a_defect_is_reported_by_its_check_alone(name, plant):
    keep_books()

    plant()

    assert get_failed_checks() == {name}


def test_every_check_has_a_defect_that_it_finds():
    elsewhere = {check.name for check in PAYOUT_CHECKS}  # test_verify_payouts

    assert {check.name for check in CHECKS} == set(DEFECTS) | elsewhere


@pytest.mark.django_db
def test_an_offence_names_the_row_with_what_was_expected_and_found():
    keep_books()
    shrink_the_base_of_a_sale()

    (offence,) = [offence for _, found in verify_books() for offence in found]

    sale = ExternalTransaction.objects.get(amount_minor=40_00)
    assert (offence.what, offence.expected, offence.found) == (f"sale {sale.pk}", "20", "800")


@pytest.mark.django_db
def test_a_flood_of_offences_is_cut_off():
    LedgerTransaction.objects.bulk_create(
        LedgerTransaction(
            kind="sale", source_type="movement", source_id=number, occurred_at=NOON, by=BY
        )
        for number in range(MOST_SHOWN + 1)
    )

    assert [len(found) for _, found in verify_books() if found] == [MOST_SHOWN]


@pytest.mark.django_db
def test_the_command_prints_every_check():
    keep_books()
    out = StringIO()

    call_command("verify_books", stdout=out)

    lines = out.getvalue().splitlines()
    assert [line.split()[0] for line in lines[:-1]] == ["ok"] * (
        len(list_checks()) + 1
    )  # and the seals
    assert lines[-1] == "Nothing found: the books are right."


@pytest.mark.django_db
def test_the_command_shows_each_offence_and_fails():
    keep_books()
    shrink_the_base_of_a_sale()
    out = StringIO()

    with pytest.raises(CommandError, match="1 offences found"):
        call_command("verify_books", stdout=out)

    text = out.getvalue()
    assert "WRONG sales_bear_their_commission: the accruals of each sale" in text
    assert "expected 20, found 800" in text
    assert "Nothing found" not in text


@pytest.mark.django_db
@pytest.mark.parametrize("is_wrong", [False, True])
def test_the_command_writes_json(is_wrong):
    keep_books()
    out = StringIO()
    if is_wrong:
        shrink_the_base_of_a_sale()
        with pytest.raises(CommandError):
            call_command("verify_books", "--json", stdout=out)
    else:
        call_command("verify_books", "--json", stdout=out)

    found = json.loads(out.getvalue())
    assert [offence["check"] for offence in found] == (
        ["sales_bear_their_commission"] if is_wrong else []
    )


def run_in_a_terminal() -> int:
    command: BaseCommand = Command(stdout=StringIO(), stderr=StringIO())
    try:
        command.run_from_argv(["manage.py", "verify_books"])
    except SystemExit as end:
        return int(end.code or 0)
    return 0


@pytest.mark.django_db(transaction=True)
def test_the_exit_code_tells_programs():
    keep_books()
    assert run_in_a_terminal() == 0

    shrink_the_base_of_a_sale()
    assert run_in_a_terminal() == 1


@pytest.mark.django_db(transaction=True)
def test_all_checks_look_at_one_moment():
    """What is booked while they run belongs to none of them."""
    keep_books()
    checking = verify_books()
    next(checking)

    assert connection.in_atomic_block
    with connection.cursor() as cursor:
        cursor.execute("SHOW transaction_isolation")
        isolation = cursor.fetchone()
        cursor.execute("SHOW transaction_read_only")
        read_only = cursor.fetchone()

    assert (isolation, read_only) == (("repeatable read",), ("on",))
    assert not any(found for _, found in checking)
