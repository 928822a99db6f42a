"""Fees, adjustments, goodwill and carrying over in the admin: a second click is the same act."""

from uuid import uuid4

import pytest
from django.urls import reverse

from bookedbarber.accounts.roles import OPERATOR
from collections_app.operations.fees import adjust_accrual
from payments.models import Accrual
from tests.collections_app.owing import BUILD, build_one, create_owing_barber, sell
from tests.console.test_admin_collections import SUBMITTED, act, log_in, messages_of
from tests.payments.books import BY, get_balances, get_failed_checks, usd

__all__ = ["log_in"]

pytestmark = pytest.mark.django_db

TYPED = {**SUBMITTED, "amount": "5.00", "currency": "USD", "reason": "Agreed by phone"}


def for_barbers(name: str) -> str:
    return reverse(f"admin:collections_app_platformcollection_{name}")


def test_a_late_fee_of_a_collection_and_an_adjustment_of_a_line_happen_once(log_in):
    barber, account = create_owing_barber()
    sell(account, 100_00)
    collection = build_one()
    operator = log_in(OPERATOR)
    less = {**TYPED, "key": uuid4(), "amount": "-20.00"}

    for _ in range(2):
        fee = operator.post(act(collection, "late_fee"), {**TYPED, "key": uuid4()})
        operator.post(act(collection.lines.get(), "adjust"), less)

    assert messages_of(fee)[0] == "Done: 1."
    assert get_balances(barber_id=barber.pk) == {"receivable": 5_00}
    too_much = operator.post(act(collection.lines.get(), "adjust"), {**less, "key": uuid4()})
    assert "larger than what is left" in messages_of(too_much)[-1]
    assert get_failed_checks() == set()


def test_a_barber_is_charged_given_and_carried_over_by_his_id(log_in):
    barber, _ = create_owing_barber()
    operator = log_in(OPERATOR)
    fee, gift = ({**TYPED, "barber_id": barber.pk, "key": uuid4()} for _ in range(2))

    for _ in range(2):
        operator.post(for_barbers("charge_fee"), fee)
        operator.post(for_barbers("give_goodwill"), {**gift, "amount": "7.00"})

    assert get_balances(barber_id=barber.pk) == {"receivable": 5_00, "payable": -7_00}
    accrual = Accrual.objects.get()
    given = {"reason": "Never agreed on", "by": BY, "now": BUILD}
    adjust_accrual(accrual=accrual, amount=usd(-5_00), reference="one", **given)
    operator.post(for_barbers("carry_over"), {**fee, "key": uuid4()})
    nobody = operator.post(for_barbers("charge_fee"), {**fee, "barber_id": 10**9})
    assert messages_of(nobody)[-1] == "There is no such barber."
    assert get_balances(barber_id=barber.pk) == {"payable": -7_00}
    assert get_failed_checks() == set()
