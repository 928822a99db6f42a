"""Refunds that a person or a program asks for: whole, in parts, shared over legs."""

import pytest
from django.utils import timezone

from bookedbarber.foundation.money import Money
from payments.errors import InvalidPaymentAmount
from payments.models import Payment, Refund
from payments.operations.charges import take_payment
from payments.operations.claims import Order
from payments.operations.refund_requests import (
    CannotBeRefunded,
    RefundTooLarge,
    get_refundable,
    request_refund,
)
from payments.operations.unknown_refunds import settle_unknown_refunds
from payments.states import Decision, LegRole, Mode, RefundState
from tests import factories
from tests.payments import splitting
from tests.payments.books import get_balances, get_failed_checks, usd
from tests.payments.refunding import BY, later, list_refunded, take

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _short_waits(settings) -> None:
    settings.PROCESSOR_RETRY_SECONDS = 0.01


@pytest.fixture
def payment(platform):
    return take(factories.create_barber())


@pytest.fixture
def split(platform, connect):
    """300.00: 240.00 on the barber's Square, 60.00 on the platform's account."""
    return splitting.take(splitting.create_split_barber(connect))


def refund(payment: Payment, minor: int | None = None, **fields) -> Refund:
    amount = None if minor is None else usd(minor)
    values = {"amount": amount, "reason": "", "by": BY, "now": timezone.now()} | fields
    refund = request_refund(payment=payment, **values).refund
    refund.refresh_from_db()
    payment.refresh_from_db()
    return refund


def test_all_that_is_left_is_refunded(payment, platform, simulator):
    refund(payment, 30_00)
    rest = refund(payment)

    assert rest.amount == usd(45_00)
    assert (payment.status, payment.refunded_minor) == ("refunded", 75_00)
    assert list_refunded(simulator, platform.account_id) == [30_00, 45_00]


def test_many_parts_add_up(payment, platform, simulator):
    for minor in (1, 10_00, 24_99, 40_00):
        assert refund(payment, minor).state == RefundState.SUCCEEDED

    assert payment.status == "refunded"
    assert get_refundable(payment=payment) == usd(0)
    assert get_failed_checks() == set()
    assert sum(list_refunded(simulator, platform.account_id)) == 75_00


def test_a_central_refund_gives_its_commission_back(payment):
    refund(payment, 30_00)

    # 75.00 at 20 %, its fee of 2.48 is not returned.
    assert get_balances() == {"clearing": 42_52, "commission": -9_00, "payable": -33_52}
    assert get_failed_checks() == set()


def test_an_external_refund_shrinks_what_is_owed(platform, connect):
    barber = factories.create_barber()
    factories.create_config(barber, mode=Mode.DECENTRALIZED)
    connect(barber)
    payment = take(barber, account="square")

    refund(payment, 30_00)

    assert get_balances() == {"receivable": 9_00, "commission": -9_00}
    assert get_failed_checks() == set()


def test_more_than_is_left_is_refused_by_name_and_limit(payment, platform, simulator):
    refund(payment, 30_00)

    with pytest.raises(RefundTooLarge) as raised:
        refund(payment, 45_01)

    assert raised.value.details == {"field": "amount", "maximum": "45.00"}
    assert list_refunded(simulator, platform.account_id) == [30_00]


@pytest.mark.parametrize("minor", [0, -1])
def test_nothing_and_less_cannot_be_refunded(payment, minor):
    with pytest.raises(InvalidPaymentAmount):
        refund(payment, minor)


def test_another_currency_cannot_be_refunded(payment):
    with pytest.raises(InvalidPaymentAmount) as raised:
        refund(payment, amount=Money(1_00, "CAD"))

    assert raised.value.details["field"] == "currency"


def test_what_is_refunded_whole_is_not_refunded_again(payment):
    refund(payment)

    with pytest.raises(CannotBeRefunded):
        refund(payment)


def test_what_a_dispute_holds_is_not_refunded(payment):
    Payment.objects.filter(pk=payment.pk).update(disputed_minor=75_00)

    with pytest.raises(CannotBeRefunded):
        refund(payment)


def test_a_declined_payment_cannot_be_refunded(platform):
    order = Order(
        barber=factories.create_barber(),
        amount=usd(75_00),
        tip=usd(0),
        payment_methods={"platform": "pm_card_chargeDeclined"},
    )
    declined = take_payment(order=order, by=BY, now=timezone.now()).payment

    with pytest.raises(CannotBeRefunded):
        refund(declined)


def test_a_fallback_is_refunded_where_its_money_is(platform, connect, simulator):
    barber = factories.create_barber()
    factories.create_config(barber, mode=Mode.DECENTRALIZED)
    square = connect(barber)
    simulator.add_fault("revoked_token", account_id=square.account_id, operation="charge")
    order = Order(
        barber=barber,
        amount=usd(160_00),
        tip=usd(0),
        payment_methods={"platform": "pm_card_visa", "square": "cnon:card-nonce-ok"},
    )
    payment = take_payment(order=order, by=BY, now=timezone.now()).payment
    assert payment.decision == Decision.FALLBACK

    refund(payment)

    assert list_refunded(simulator, platform.account_id) == [160_00]
    assert list_refunded(simulator, square.account_id) == []


def test_a_refusal_says_who_refused_and_gives_the_amount_free(payment, simulator):
    simulator.add_fault("revoked_token", operation="refund")

    refused = refund(payment, 30_00)

    assert (refused.state, refused.failure_kind) == (RefundState.FAILED, "credentials")
    assert get_refundable(payment=payment) == usd(75_00)
    assert refund(payment).state == RefundState.SUCCEEDED


def test_what_is_not_known_stays_reserved(payment, platform, simulator):
    simulator.add_fault("reset_after", operation="refund")

    lost = refund(payment, 30_00)

    assert lost.state == RefundState.UNKNOWN
    assert get_refundable(payment=payment) == usd(45_00)
    with pytest.raises(RefundTooLarge):
        refund(payment, 45_01)
    settle_unknown_refunds(now=later(seconds=6))
    refund(payment)
    assert list_refunded(simulator, platform.account_id) == [30_00, 45_00]


def test_a_split_payment_gives_back_from_both_legs(split, platform, simulator):
    first = refund(split, 30_00)

    parts = list(first.parts.order_by("pk"))
    assert [(part.leg.role, part.amount_minor) for part in parts] == [
        (LegRole.COMMISSION, 6_00),
        (LegRole.MAIN, 24_00),
    ]
    assert {part.state for part in parts} == {RefundState.SUCCEEDED}
    assert (split.refunded_minor, split.reserved_refund_minor) == (30_00, 0)
    assert list_refunded(simulator, platform.account_id) == [6_00]
    refund(split)
    assert sum(list_refunded(simulator, platform.account_id)) == 60_00
    assert get_failed_checks() == set()


def test_the_parts_of_a_split_have_their_own_outcomes(split, platform, simulator):
    simulator.add_fault("revoked_token", operation="refund", processor="square")

    first = refund(split, 30_00)

    states = {part.leg.role: part.state for part in first.parts.all()}
    assert states == {LegRole.COMMISSION: RefundState.SUCCEEDED, LegRole.MAIN: RefundState.FAILED}
    assert (split.refunded_minor, split.reserved_refund_minor) == (6_00, 0)
    # The next one makes up for it.
    again = refund(split, 24_00)
    assert [(part.leg.role, part.amount_minor) for part in again.parts.all()] == [
        (LegRole.MAIN, 24_00)
    ]
