"""Fees and adjustments that a person makes: booked once, within limits, refused by name."""

from typing import Any

import pytest

from bookedbarber.foundation.money import Money
from collections_app.operations.fees import (
    AdjustmentNotValid,
    AdjustmentTooLarge,
    FeeNotValid,
    ReferenceTaken,
    adjust_accrual,
    charge_late_fee,
    charge_platform_fee,
)
from payments.models import Accrual
from payments.operations.goodwill import GoodwillNotValid, grant_goodwill
from tests.collections_app.owing import MONDAY, create_owing_barber, sell
from tests.payments.books import BY, at_once, get_balances, get_failed_checks, usd

pytestmark = pytest.mark.django_db

SAID: dict[str, Any] = {"reason": "late by a week", "by": BY, "now": MONDAY}


def adjust(accrual: Accrual, minor: int, reference: str = "one") -> Accrual:
    return adjust_accrual(accrual=accrual, amount=usd(minor), reference=reference, **SAID)


@pytest.mark.parametrize("charge", [charge_late_fee, charge_platform_fee])
def test_a_fee_is_owed_once_for_its_reference(charge):
    barber, _ = create_owing_barber()

    first = charge(barber=barber, amount=usd(5_00), reference="col_1", **SAID)
    again = charge(barber=barber, amount=usd(5_00), reference="col_1", **SAID)

    assert first == again
    with pytest.raises(ReferenceTaken):
        charge(barber=barber, amount=usd(6_00), reference="col_1", **SAID)
    assert get_balances() == {"receivable": 5_00, "charges": -5_00}
    assert get_failed_checks() == set()


@pytest.mark.parametrize(
    "said", [{"amount": usd(0)}, {"amount": Money(5, "JPY")}, {"reason": " "}, {"reference": ""}]
)
def test_a_fee_that_nobody_explains_is_refused(said):
    barber, _ = create_owing_barber()

    with pytest.raises(FeeNotValid):
        charge_late_fee(
            **{"barber": barber, "amount": usd(5_00), "reference": "col_1", **SAID, **said}
        )


def test_an_adjustment_goes_back_the_way_it_came_down_to_nothing():
    barber, account = create_owing_barber()
    sell(account, 100_00)
    fee = charge_late_fee(barber=barber, amount=usd(5_00), reference="col_1", **SAID)
    commission = Accrual.objects.get(kind="commission")

    part = adjust(commission, -15_00)
    assert adjust(commission, -15_00) == part
    # What corrects a correction corrects the same accrual.
    assert adjust(part, -5_00, "two").corrects == commission
    adjust(fee, -5_00, "three")

    assert get_balances() == {}
    with pytest.raises(AdjustmentTooLarge):
        adjust(commission, -1, "four")
    with pytest.raises(ReferenceTaken):
        adjust(commission, -14_00)
    assert get_failed_checks() == set()


@pytest.mark.parametrize(
    "said", [{"amount": usd(0)}, {"amount": Money(-5, "CAD")}, {"reason": ""}, {"reference": " "}]
)
def test_an_adjustment_in_another_currency_or_without_a_word_is_refused(said):
    _, account = create_owing_barber()
    sell(account, 100_00)
    accrual = Accrual.objects.get()

    with pytest.raises(AdjustmentNotValid):
        adjust_accrual(
            **{"accrual": accrual, "amount": usd(-5), "reference": "one", **SAID, **said}
        )


@pytest.mark.django_db(transaction=True)
def test_adjustments_at_once_take_back_no_more_than_there_is():
    _, account = create_owing_barber()
    sell(account, 100_00)
    accrual = Accrual.objects.get()

    answers = at_once([lambda n=n: adjust(accrual, -15_00, str(n)) for n in range(4)])

    refused = [answer for answer in answers if isinstance(answer, AdjustmentTooLarge)]
    assert len(refused) == 3
    assert get_balances()["receivable"] == 5_00


def test_goodwill_is_added_to_the_next_payout_once():
    barber, _ = create_owing_barber()
    given = {"barber": barber, "amount": usd(7_00), "reference": "ticket 7"}

    assert grant_goodwill(**given, **SAID) == grant_goodwill(**given, **SAID)

    assert get_balances() == {"waived": 7_00, "payable": -7_00}
    assert get_failed_checks() == set()
    with pytest.raises(GoodwillNotValid):
        grant_goodwill(**(given | {"amount": usd(-1)}), **SAID)
