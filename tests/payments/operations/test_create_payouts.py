"""What a payout takes: everything that can be paid, once, and never more."""

from datetime import timedelta

import pytest

from bookedbarber.foundation.money import Money
from payments.models import Discrepancy, Payout, PayoutLine
from payments.operations.payouts import create_payouts, list_due
from payments.states import DiscrepancyKind, PayoutObstacle, PayoutState
from processors.contract import MovementKind
from tests import factories
from tests.payments.books import (
    BY,
    NOON,
    about,
    charge,
    create_leg,
    get_failed_checks,
    record,
    usd,
)
from tests.payments.payouts import (
    LATER,
    create_destination,
    get_payable,
    pay,
    refuse,
    reserve,
    sell,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def platform():
    return factories.create_platform_connection()


@pytest.fixture
def barber():
    barber = factories.create_barber()
    create_destination(barber)
    return barber


def test_a_payout_takes_sale_and_fee_as_its_lines(platform, barber):
    sell(platform, barber)

    payout = reserve(barber)

    lines = {line.kind: line.amount_minor for line in payout.lines.all()}
    assert (payout.state, payout.amount) == (PayoutState.SUBMITTED, usd(57_52))
    assert lines == {"sale": 60_00, "fee": -2_48}
    assert get_payable(barber).decision.obstacle == PayoutObstacle.IN_FLIGHT


def test_each_currency_is_a_payout_of_its_own(platform, barber):
    sell(platform, barber)
    cad = create_leg(platform, barber, amount=Money(10_00, "CAD"))
    record(
        platform,
        charge(
            our_reference=cad.public_id,
            amount=Money(10_00, "CAD"),
            tip=Money(0, "CAD"),
            fee=Money(59, "CAD"),
            available_at=NOON,
        ),
    )

    create_payouts(due=list_due(now=LATER), by=BY, now=LATER)

    sums = {row.currency: row.amount_minor for row in Payout.objects.all()}
    assert sums == {"USD": 57_52, "CAD": 7_41}


def test_a_sale_waits_until_its_money_is_available(platform, barber):
    sell(platform, barber)
    sell(platform, barber, 100_00, fee_minor=3_20, available_at=LATER + timedelta(days=1))

    assert get_payable(barber).decision.amount == usd(57_52)
    assert reserve(barber).amount == usd(57_52)


def test_why_nothing_is_paid_names_the_day_when_money_comes(platform, barber):
    sell(platform, barber, available_at=LATER + timedelta(days=2))

    decision = get_payable(barber).decision

    assert decision.obstacle == PayoutObstacle.FUNDS_NOT_AVAILABLE
    assert "10 June 2026" in decision.explanation
    assert list_due(now=LATER) == []


def test_a_sale_waits_for_its_fee(platform, barber):
    sell(platform, barber, fee_minor=None, available_at=None)

    decision = get_payable(barber, now=NOON + timedelta(days=2)).decision

    assert decision.obstacle == PayoutObstacle.FEE_UNKNOWN


def test_after_three_days_an_estimate_is_withheld_and_a_person_told(platform, barber):
    sell(platform, barber, fee_minor=None, available_at=None)

    payout = reserve(barber, now=NOON + timedelta(days=3))

    (line,) = payout.lines.all()
    assert (payout.amount, line.withheld) == (usd(57_52), usd(2_48))
    found = Discrepancy.objects.get()
    assert (found.kind, found.transaction) == (DiscrepancyKind.FEE_UNKNOWN, line.movement)


def test_what_was_withheld_is_settled_when_the_fee_is_known(platform, barber):
    movement = sell(platform, barber, fee_minor=None, available_at=None)
    pay(reserve(barber))
    known = charge(
        our_reference=movement.our_reference,
        external_id=movement.external_id,
        fee=usd(2_30),
        version=2,
        available_at=NOON,
    )
    record(platform, known)
    sell(platform, barber, 10_00, fee_minor=59)

    payout = reserve(barber)

    fee = payout.lines.get(kind="fee", withheld_minor__lt=0)
    assert (fee.amount, fee.withheld) == (usd(18), usd(-2_48))
    assert payout.amount == usd(8_00 - 59 + 18)
    assert not Discrepancy.objects.open().exists()
    assert get_payable(barber).facts.withheld == usd(0)


def test_what_was_withheld_comes_back_when_there_is_no_fee_after_all(platform, barber):
    movement = sell(platform, barber, fee_minor=None, available_at=None)
    pay(reserve(barber))
    known = charge(
        our_reference=movement.our_reference,
        external_id=movement.external_id,
        fee=usd(0),
        version=2,
        available_at=NOON,
    )
    record(platform, known)
    assert get_payable(barber).facts.available == usd(2_48)

    payout = reserve(barber)

    (line,) = payout.lines.all()
    assert (line.entry, line.amount, line.withheld) == (None, usd(2_48), usd(-2_48))
    pay(payout)
    assert get_payable(barber).facts.owed == usd(0)
    assert not Discrepancy.objects.open().exists()
    assert get_failed_checks() == set()


def test_a_refund_is_taken_off_at_once(platform, barber):
    sale = sell(platform, barber)
    record(platform, about(sale, MovementKind.REFUND, amount=usd(30_00)))

    assert reserve(barber).amount == usd(57_52 - 24_00)


def test_a_refund_after_the_payout_is_taken_off_the_next_one(platform, barber):
    sale = sell(platform, barber)
    pay(reserve(barber))
    record(platform, about(sale, MovementKind.REFUND, amount=usd(30_00)))
    debt = get_payable(barber)

    sell(platform, barber)

    assert debt.facts.owed == usd(-24_00)
    assert debt.decision.obstacle == PayoutObstacle.NOTHING_OWED
    assert reserve(barber).amount == usd(57_52 - 24_00)


def test_a_debt_is_never_paid_out(platform, barber):
    sale = sell(platform, barber)
    pay(reserve(barber))
    record(platform, about(sale, MovementKind.REFUND))

    assert list_due(now=LATER) == []
    assert Payout.objects.count() == 1


def test_less_than_the_minimum_waits(platform, barber, settings):
    settings.PAYOUT_MINIMUM = usd(57_53).major
    sell(platform, barber)

    assert get_payable(barber).decision.obstacle == PayoutObstacle.BELOW_MINIMUM
    assert list_due(now=LATER) == []


@pytest.mark.parametrize(
    ("account", "obstacle"),
    [
        ({"can_receive": False, "obstacle": "Stripe asks for more."}, "account_cannot_receive"),
        ({"pays_to_bank": False, "obstacle": "No bank account."}, "payouts_disabled"),
    ],
)
def test_an_account_that_is_not_ready_is_not_paid_and_says_why(platform, account, obstacle):
    barber = factories.create_barber()
    create_destination(barber, **account)
    sell(platform, barber)

    decision = get_payable(barber).decision

    assert (decision.obstacle, decision.explanation) == (obstacle, account["obstacle"])
    assert list_due(now=LATER) == []


def test_a_barber_without_an_account_is_told(platform):
    barber = factories.create_barber()
    sell(platform, barber)

    assert get_payable(barber).decision.obstacle == PayoutObstacle.NO_ACCOUNT


def test_what_was_due_is_judged_again_when_it_is_claimed(platform, barber):
    sale = sell(platform, barber)
    due = list_due(now=LATER)
    record(platform, about(sale, MovementKind.REFUND))

    assert create_payouts(due=due, by=BY, now=LATER) == []
    assert not PayoutLine.objects.exists()


def test_a_second_payout_waits_for_the_first(platform, barber):
    sell(platform, barber)
    due = list_due(now=LATER)
    create_payouts(due=due, by=BY, now=LATER)
    sell(platform, barber)

    assert create_payouts(due=due, by=BY, now=LATER) == []


def test_a_refused_payout_frees_its_lines_for_the_next(platform, barber):
    sell(platform, barber)
    first = refuse(reserve(barber))

    second = reserve(barber)

    assert first.state == PayoutState.FAILED
    assert first.failure_message == "There is not enough"
    assert second.amount == first.amount
    assert not first.lines.filter(released_at=None).exists()


def test_money_that_came_back_is_paid_again(platform, barber):
    sell(platform, barber)
    pay(reserve(barber), 20_00)

    payout = reserve(barber)

    assert payout.amount == usd(20_00)
    assert [line.kind for line in payout.lines.all()] == ["transfer_reversed"]


def test_more_than_a_lease_can_bear_is_refused(platform, barber):
    sell(platform, barber)
    (due,) = list_due(now=LATER)

    with pytest.raises(ValueError, match="at most 20"):
        create_payouts(due=[due] * 21, by=BY, now=LATER)
