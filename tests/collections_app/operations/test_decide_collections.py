"""Collections that become due, are waived or canceled, and balances that are carried over."""

from datetime import timedelta
from decimal import Decimal

import pytest

from bookedbarber.foundation.models import StateChange
from bookedbarber.notifications.models import OutgoingMail
from collections_app.models import PlatformCollection
from collections_app.operations.alerts import report_outstanding
from collections_app.operations.carry_over import (
    PayoutUnderWay,
    carry_over_barber,
    carry_over_idle,
)
from collections_app.operations.collections import (
    CollectionNotOpen,
    cancel_collection,
    move_due_collections,
    waive_collection,
)
from collections_app.operations.reasons import ReasonMissing
from payments.operations.goodwill import grant_goodwill
from payments.operations.payouts import create_payouts, list_due
from processors.contract import MovementKind
from tests import factories
from tests.collections_app.owing import (
    BUILD,
    WEEK,
    build,
    build_one,
    create_owing_barber,
    get_outstanding,
    list_lines,
    refund,
    sell,
)
from tests.payments.books import (
    BY,
    about,
    at_once,
    charge,
    create_leg,
    get_balances,
    get_failed_checks,
    record,
    usd,
)
from tests.payments.payouts import create_destination

pytestmark = pytest.mark.django_db


@pytest.fixture
def owing():
    barber, account = create_owing_barber()
    sell(account, 100_00)
    return barber, account, build_one()


def waive(collection: PlatformCollection, reason: str = "A hard month.") -> PlatformCollection:
    return waive_collection(collection=collection, reason=reason, by=BY, now=BUILD)


def cancel(collection: PlatformCollection, reason: str = "Wrong terms.") -> PlatformCollection:
    return cancel_collection(collection=collection, reason=reason, by=BY, now=BUILD)


def set_state(collection: PlatformCollection, state: str) -> None:
    PlatformCollection.objects.filter(pk=collection.pk).update(state=state)


def test_a_collection_is_due_when_its_notice_is_over(owing):
    _, _, collection = owing

    assert move_due_collections(now=collection.due_at - timedelta(seconds=1), by=BY) == 0
    assert move_due_collections(now=collection.due_at, by=BY) == 1
    assert move_due_collections(now=collection.due_at, by=BY) == 0

    collection.refresh_from_db()
    assert (collection.state, collection.next_attempt_at) == ("due", collection.due_at)
    change = StateChange.objects.get(subject=collection.public_id)
    assert (change.before, change.after, change.by) == ("pending", "due", BY)


def test_without_auto_collection_a_person_takes_it():
    _, account = create_owing_barber(auto_collection=False)
    sell(account, 100_00)
    collection = build_one()

    move_due_collections(now=collection.due_at, by=BY)

    collection.refresh_from_db()
    assert (collection.state, collection.next_attempt_at) == ("due", None)


def test_what_is_waived_is_given_up_and_never_collected_again(owing):
    _, _, collection = owing

    waive(collection)
    waive(collection)

    assert get_balances() == {"commission": -20_00, "waived": 20_00}
    assert build(BUILD + WEEK) == []
    assert StateChange.objects.get(subject=collection.public_id).reason == "A hard month."
    assert get_failed_checks() == set()


def test_what_is_canceled_is_outstanding_until_the_next_period(owing):
    barber, _, collection = owing

    cancel(collection)
    cancel(collection)

    assert get_outstanding(barber) == 20_00
    assert build() == []
    assert list_lines(build_one(BUILD + WEEK)) == [20_00]
    assert get_failed_checks() == set()


@pytest.mark.parametrize("act", [waive, cancel])
@pytest.mark.parametrize("state", ["processing", "collected", "disputed"])
def test_nobody_decides_about_what_is_under_way_or_without_a_reason(owing, act, state):
    _, _, collection = owing
    with pytest.raises(ReasonMissing):
        act(collection, " ")
    set_state(collection, state)

    with pytest.raises(CollectionNotOpen):
        act(collection)


def test_a_waiver_and_a_cancellation_at_once_are_one_of_them(transactional_db, owing):
    _, _, collection = owing

    answers = at_once([lambda: waive(collection), lambda: cancel(collection)])

    assert sum(isinstance(answer, CollectionNotOpen) for answer in answers) == 1
    assert get_failed_checks() == set()


# ── Carrying over ──


def take_too_much(minor: int = 15_00):
    """A centralized barber whose only sale was withdrawn after its payout."""
    platform = factories.create_platform_connection()
    barber = factories.create_barber()
    leg = create_leg(platform, barber, amount=usd(minor), rate=Decimal(0))
    sale = charge(our_reference=leg.public_id, amount=usd(minor), fee=usd(0))
    record(platform, sale, about(sale, MovementKind.DISPUTE, fee=usd(minor)))
    return barber, platform


def carry(barber, reason: str = "He leaves.", now=BUILD):
    return carry_over_barber(barber=barber, currency="USD", reason=reason, by=BY, now=now)


def test_a_barber_who_took_too_much_owes_it_and_it_is_collected():
    barber, _ = take_too_much()

    accrual = carry(barber)

    assert (accrual.kind, accrual.amount_minor) == ("carried_over", 15_00)
    assert carry(barber) is None
    assert get_balances(barber_id=barber.pk) == {"receivable": 15_00}
    assert get_failed_checks() == set()
    factories.create_config(barber, minimum_collection_minor=0)
    assert list_lines(build_one()) == [15_00]


def test_a_credit_becomes_payable():
    barber, account = create_owing_barber()
    (sale,) = sell(account, 100_00)
    waive(build_one())
    refund(account, sale, 12_00)

    assert carry(barber).amount_minor == 2_40

    assert get_outstanding(barber) == 0
    assert get_balances(barber_id=barber.pk) == {"payable": -2_40}
    assert get_failed_checks() == set()
    # The credit and what takes it away count together.
    sell(account, 50_00, at=BUILD)
    assert sum(list_lines(build_one(BUILD + WEEK))) == 10_00


def test_only_with_whom_nothing_happens_is_carried_over_by_itself():
    idle, _ = take_too_much()
    days = timedelta(days=30)

    # What was booked was booked at noon of June 1.
    assert carry_over_idle(now=BUILD, by=BY) == 0
    assert carry_over_idle(now=BUILD + days, by=BY) == 1
    assert carry_over_idle(now=BUILD + 3 * days, by=BY) == 0
    assert get_balances(barber_id=idle.pk) == {"receivable": 15_00}


def test_a_payout_under_way_comes_first():
    barber = factories.create_barber()
    factories.create_platform_connection()
    create_destination(barber)
    given = {"reference": "one", "reason": "kept waiting", "by": BY, "now": BUILD}
    grant_goodwill(barber=barber, amount=usd(50_00), **given)
    assert len(create_payouts(due=list_due(now=BUILD), by=BY, now=BUILD)) == 1

    with pytest.raises(PayoutUnderWay):
        carry(barber)
    with pytest.raises(ReasonMissing):
        carry(barber, reason="")


# ── Too much ──


def test_barber_and_operator_are_told_once_when_more_than_the_maximum_is_owed():
    barber, account = create_owing_barber(maximum_outstanding_minor=20_00)
    (sale,) = sell(account, 100_00)
    assert report_outstanding(now=BUILD) == []
    sell(account, 10)

    (alert,) = report_outstanding(now=BUILD)
    assert (alert.barber, alert.owed, alert.maximum) == (barber, usd(20_02), usd(20_00))
    assert report_outstanding(now=BUILD + WEEK) == []
    assert OutgoingMail.objects.filter(to=barber.user.email).count() == 1

    refund(account, sale, 50_00)
    assert report_outstanding(now=BUILD + WEEK) == []
    sell(account, 100_00)
    assert len(report_outstanding(now=BUILD + 2 * WEEK)) == 1
