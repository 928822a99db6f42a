"""What a bank says days and weeks later, whichever way we hear of it: states and books follow."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from bookedbarber.notifications.models import OutgoingMail
from collections_app.models import CollectionAttempt, PlatformCollection
from collections_app.operations.attempts import pay_collection, process_collections
from collections_app.operations.disputed_debits import follow_lost_disputes
from collections_app.operations.unknown_attempts import settle_unknown_attempts
from collections_app.states import CollectionState, FailureClass
from payments.models import Accrual, Discrepancy
from payments.operations.disputes import follow_disputes
from payments.operations.syncs import sync_connection
from payments.states import AccrualKind
from processors.models import Connection
from tests.collections_app.hearing import EventListener
from tests.collections_app.taking import BANK, DAY, create_payer, owe
from tests.payments.books import BY, get_balances, get_failed_checks

pytestmark = pytest.mark.django_db(transaction=True)

Hear = Callable[[datetime], None]


@pytest.fixture(params=["events", "questions and lists"])
def hear(request, platform, simulator) -> Hear:
    """Learn what happened until then: from events alone, or by asking alone."""
    if request.param == "events":
        return EventListener(platform, simulator)
    return lambda now: ask_and_list(platform, now)


def ask_and_list(platform: Connection, now: datetime) -> None:
    settle_unknown_attempts(now=now)
    sync_connection(connection=platform, by=BY, now=now, since=now - timedelta(days=60))
    follow_disputes()
    follow_lost_disputes(by=BY, now=now)


def see(collection: PlatformCollection) -> tuple[str, str, set[str]]:
    collection.refresh_from_db()
    attempt = CollectionAttempt.objects.filter(collection=collection).latest("pk")
    return collection.state, attempt.state, get_failed_checks()


def get_receivable() -> int:
    return get_balances().get("receivable", 0)


def test_a_bank_debit_is_paid_after_three_days_and_returned_after_ten(
    platform, simulator, hear: Hear
):
    collection = owe(create_payer(simulator, "pm_usBankAccount_dispute"))
    now = timezone.now()
    process_collections(now=now, by=BY)
    hear(now)
    assert see(collection) == ("processing", "pending", set())
    assert get_receivable() == 50_00

    simulator.advance(3 * 86_400)
    hear(now + 3 * DAY)

    assert see(collection) == ("collected", "succeeded", set())
    assert get_balances() == {"clearing": 49_60, "processing_fees": 40, "charges": -50_00}

    simulator.advance(7 * 86_400)
    hear(now + 10 * DAY)

    assert see(collection) == ("failed", "returned", set())
    assert get_receivable() == 50_00
    assert get_balances()["processing_fees"] == 40 + 15_00
    told = OutgoingMail.objects.order_by("pk").values_list("template", flat=True)
    assert list(told) == ["collection_collected", "collection_failed"]
    again = pay_collection(collection=collection, by="usr_1", now=now + 10 * DAY)
    assert (again.number, again.state) == (2, "pending")


def test_a_bank_account_that_is_closed_is_not_debited_again(platform, simulator, hear: Hear):
    collection = owe(create_payer(simulator, "pm_usBankAccount_accountClosed"))
    now = timezone.now()
    process_collections(now=now, by=BY)

    simulator.advance(3 * 86_400)
    hear(now + 3 * DAY)

    assert see(collection) == ("failed", "failed", set())
    attempt = collection.attempts.get()
    assert (attempt.failure_class, attempt.failure_code) == (
        FailureClass.ACCOUNT_CLOSED,
        "account_closed",
    )
    assert (get_receivable(), Discrepancy.objects.count()) == (50_00, 0)


@pytest.mark.parametrize(
    ("act", "end", "receivable"),
    [
        ("win", ("collected", "succeeded", set()), 0),
        ("lose", ("failed", "returned", set()), 50_00),
    ],
)
def test_a_card_debit_that_is_disputed_waits_for_the_bank(
    platform, simulator, hear: Hear, act, end, receivable
):
    collection = owe(create_payer(simulator))
    now = timezone.now()
    attempt = pay_collection(collection=collection, by="usr_1", now=now)
    dispute = simulator.act("disputes", payment=attempt.external_id)
    hear(now)
    assert see(collection) == ("disputed", "succeeded", set())
    assert get_receivable() == 50_00

    simulator.act(f"disputes/{dispute['id']}/{act}")
    hear(now)

    assert see(collection) == end
    assert get_receivable() == receivable


def test_what_is_won_after_it_was_taken_otherwise_is_a_credit(platform, simulator):
    hear = EventListener(platform, simulator)
    collection = owe(create_payer(simulator))
    now = timezone.now()
    first = pay_collection(collection=collection, by="usr_1", now=now)
    dispute = simulator.act("disputes", payment=first.external_id)
    simulator.act(f"disputes/{dispute['id']}/lose")
    hear(now)
    second = pay_collection(collection=collection, by="usr_1", now=now)
    assert second.state == "succeeded"

    simulator.act(f"disputes/{dispute['id']}/win")
    hear(now)

    assert see(collection) == ("collected", "succeeded", set())
    credit = Accrual.objects.get(kind=AccrualKind.REPAID)
    assert (credit.amount_minor, get_receivable()) == (-50_00, -50_00)


def test_what_is_refunded_of_a_debit_is_owed_again(platform, simulator, hear: Hear):
    collection = owe(create_payer(simulator))
    now = timezone.now()
    attempt = pay_collection(collection=collection, by="usr_1", now=now)
    refund = simulator.act("refunds", payment=attempt.external_id, amount_minor=20_00)
    hear(now)

    assert see(collection) == ("collected", "succeeded", set())
    assert get_receivable() == 20_00

    simulator.act(f"refunds/{refund['id']}/fail")
    hear(now)

    assert see(collection) == ("collected", "succeeded", set())
    amounts = Accrual.objects.filter(kind=AccrualKind.REPAID).values_list("amount_minor", flat=True)
    assert (list(amounts.order_by("pk")), get_receivable()) == ([20_00, -20_00], 0)


def test_money_of_an_attempt_that_was_closed_without_it_waits_for_a_person(platform, simulator):
    hear = EventListener(platform, simulator)
    collection = owe(create_payer(simulator, BANK))
    now = timezone.now()
    attempt = pay_collection(collection=collection, by="usr_1", now=now)
    # A person closes what the processor has in fact accepted.
    CollectionAttempt.objects.filter(pk=attempt.pk).update(state="failed")
    PlatformCollection.objects.filter(pk=collection.pk).update(state=CollectionState.FAILED)

    simulator.act(f"debits/{attempt.external_id}/succeed")
    hear(now)

    assert see(collection) == ("failed", "failed", set())
    assert get_balances()["suspense"] == -50_00
    assert Discrepancy.objects.get().kind == "unexplained_movement"
