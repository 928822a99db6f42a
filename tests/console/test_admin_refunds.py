"""Refunding in the admin: operators do, auditors look."""

from uuid import uuid4

import pytest
from django.contrib.auth.models import Group
from django.contrib.messages import get_messages
from django.urls import reverse

from bookedbarber.accounts.models import User
from bookedbarber.accounts.roles import AUDITOR, OPERATOR, Role
from bookedbarber.console.operations.groups import seed_groups
from payments.models import Payment, Refund
from tests import factories
from tests.payments.refunding import list_refunded, take

pytestmark = pytest.mark.django_db(transaction=True)


def create_member(group: str) -> User:
    seed_groups()
    user = factories.create_user(Role.ADMIN)
    user.groups.add(Group.objects.get(name=group))
    return user


@pytest.fixture
def payment(platform) -> Payment:
    return take(factories.create_barber())


def refund(browser, payment: Payment, **typed):
    address = reverse("admin:payments_payment_refund", args=[payment.pk])
    form = {"_form_submitted": "True", "key": str(uuid4()), "amount": "", "reason": "asked"}
    return browser.post(address, form | typed)


def messages_of(response) -> list[str]:
    return [str(message) for message in get_messages(response.wsgi_request)]


def test_an_operator_refunds_with_a_reason(payment, as_person, platform, simulator):
    operator = create_member(OPERATOR)

    response = refund(as_person(operator), payment, amount="30.00", reason="client called")

    assert messages_of(response) == ["Done: 1."]
    made = Refund.objects.get()
    assert (made.reason, made.created_by) == ("client called", operator.public_id)
    assert list_refunded(simulator, platform.account_id) == [30_00]


def test_two_clicks_are_one_refund(payment, as_person, platform, simulator):
    browser, key = as_person(create_member(OPERATOR)), str(uuid4())

    for _ in range(2):
        refund(browser, payment, amount="30.00", key=key)

    assert list_refunded(simulator, platform.account_id) == [30_00]


def test_without_a_reason_nothing_is_refunded(payment, as_person):
    response = refund(as_person(create_member(OPERATOR)), payment, reason="")

    assert "This field is required" in response.content.decode()
    assert not Refund.objects.exists()


def test_more_than_is_left_is_said(payment, as_person):
    response = refund(as_person(create_member(OPERATOR)), payment, amount="75.01")

    [said] = messages_of(response)
    assert "more than the 75.00 USD that is left" in said


def test_an_auditor_refunds_nothing(payment, as_person):
    response = refund(as_person(create_member(AUDITOR)), payment)

    assert response.status_code in {302, 403}
    assert not Refund.objects.exists()


def test_refunds_are_listed_and_shown_with_their_payment(payment, as_person):
    browser = as_person(create_member(OPERATOR))
    refund(browser, payment, amount="30.00")
    made = Refund.objects.get()

    listed = browser.get(reverse("admin:payments_refund_changelist"), {"q": made.external_id})
    shown = browser.get(reverse("admin:payments_refund_change", args=[made.pk]))
    below = browser.get(reverse("admin:payments_payment_change", args=[payment.pk]))

    for page in (listed, shown, below):
        assert made.public_id in page.content.decode()
