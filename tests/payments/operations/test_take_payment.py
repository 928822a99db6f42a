"""Taking a payment: what each answer of the processor makes of it."""

from decimal import Decimal

import pytest
from django.utils import timezone

from bookedbarber.foundation.money import Money
from payments.errors import AppointmentAlreadyPaid, PaymentRoutingFailed
from payments.models import Accrual, ExternalTransaction, LedgerTransaction, Payment, PaymentLeg
from payments.operations.charges import take_payment
from payments.operations.claims import Order, PaymentMethodMissing
from payments.queries.book_checks import verify_books
from payments.states import FailureKind, LegState, Mode, PaymentState
from tests import factories

pytestmark = pytest.mark.django_db(transaction=True)

BY = "usr_test"
USD_75 = Money(75_00, "USD")


def take(barber, *, token="pm_card_visa", amount=USD_75, tip_minor=0, **fields) -> Payment:
    methods = fields.pop("payment_methods", {"platform": token})
    order = Order(
        barber=barber,
        amount=amount,
        tip=Money(tip_minor, amount.currency),
        payment_methods=methods,
        **fields,
    )
    payment = take_payment(order=order, by=BY, now=timezone.now()).payment
    payment.refresh_from_db()
    return payment


def get_offences() -> list[str]:
    return [offence.check for _, found in verify_books() for offence in found]


def test_a_sale_is_settled_with_its_movement(platform):
    payment = take(factories.create_barber())

    leg, movement = payment.legs.get(), payment.movements.get()
    assert (payment.state, leg.state) == (PaymentState.COMPLETED, LegState.CAPTURED)
    assert (movement.our_reference, movement.group_id) == (leg.public_id, leg.external_id)
    assert (movement.amount_minor, movement.fee_minor) == (75_00, 2_48)
    assert get_offences() == []


def test_a_tip_bears_no_commission(platform):
    payment = take(factories.create_barber(), amount=Money(60_00, "USD"), tip_minor=10_00)

    assert payment.commission == Money(10_00, "USD")
    assert payment.movements.get().base_minor == 50_00
    assert get_offences() == []


def test_a_tip_goes_through_square_on_top_of_the_price(platform, connect, simulator):
    barber = factories.create_barber()
    factories.create_config(barber, mode=Mode.DECENTRALIZED)
    square = connect(barber)

    take(barber, tip_minor=10_00, payment_methods={"square": "cnon:card-nonce-ok"})

    charged = simulator.journal(square.account_id)[0]
    assert charged["amount_minor"] == 75_00
    movement = ExternalTransaction.objects.get()
    assert (movement.amount_minor, movement.tip_minor, movement.base_minor) == (75_00, 10_00, 65_00)
    assert Accrual.objects.get().amount_minor == 13_00


def test_a_sale_bears_the_commission_rate_in_force(platform):
    barber = factories.create_barber()
    factories.create_config(barber, commission_rate=Decimal("12.5"))

    payment = take(barber)

    # 12.5 % of 75.00 is 9.375; half up.
    assert payment.commission == Money(9_38, "USD")
    assert get_offences() == []


def test_commission_at_nothing_leaves_no_empty_entry(platform):
    barber = factories.create_barber()
    factories.create_config(barber, commission_rate=Decimal(0))

    payment = take(barber)

    assert payment.state == PaymentState.COMPLETED
    assert get_offences() == []


@pytest.mark.parametrize(
    ("token", "code"),
    [
        ("pm_card_chargeDeclined", "generic_decline"),
        ("pm_card_chargeDeclinedInsufficientFunds", "insufficient_funds"),
        ("pm_card_chargeDeclinedExpiredCard", "expired_card"),
    ],
)
def test_a_decline_is_final_and_books_nothing(platform, token, code):
    payment = take(factories.create_barber(), token=token)

    leg = payment.legs.get()
    assert (payment.state, leg.state) == (PaymentState.FAILED, LegState.FAILED)
    assert (leg.failure_kind, leg.failure_code) == (FailureKind.DECLINED, code)
    assert not ExternalTransaction.objects.exists()
    assert not LedgerTransaction.objects.exists()


def test_a_token_the_processor_does_not_know_is_refused(platform):
    payment = take(factories.create_barber(), token="pm_card_unheard_of")

    assert payment.state == PaymentState.FAILED
    assert payment.legs.get().failure_kind == FailureKind.REFUSED


def test_a_card_that_needs_authentication_waits_for_its_payer(platform, simulator):
    payment = take(factories.create_barber(), token="pm_card_authenticationRequired")

    leg = payment.legs.get()
    assert (payment.state, leg.state) == (PaymentState.REQUIRES_ACTION, LegState.REQUIRES_ACTION)
    assert simulator.journal(platform.account_id) == []


def test_a_revoked_key_refuses_the_sale(platform, simulator):
    platform.seal_credentials({"secret_key": "sk_test_revoked"})
    platform.save()

    payment = take(factories.create_barber())

    assert payment.state == PaymentState.FAILED
    assert payment.legs.get().failure_kind == FailureKind.CREDENTIALS


def test_a_processor_that_is_not_reached_took_nothing(platform, settings):
    settings.STRIPE_API_BASE = "http://127.0.0.1:9/stripe"

    payment = take(factories.create_barber())

    assert payment.state == PaymentState.FAILED
    assert payment.legs.get().failure_kind == FailureKind.NOT_REACHED


def test_an_appointment_is_paid_once(platform):
    appointment = factories.create_appointment()
    take(appointment.barber, appointment=appointment)

    with pytest.raises(AppointmentAlreadyPaid):
        take(appointment.barber, appointment=appointment)

    assert PaymentLeg.objects.count() == 1


def test_a_second_part_of_a_visit_is_paid_when_asked_for(platform):
    appointment = factories.create_appointment()
    take(appointment.barber, appointment=appointment)

    second = take(appointment.barber, appointment=appointment, visit_part=2)

    assert second.state == PaymentState.COMPLETED


def test_an_appointment_can_be_paid_after_a_decline(platform):
    appointment = factories.create_appointment()
    take(appointment.barber, appointment=appointment, token="pm_card_chargeDeclined")

    again = take(appointment.barber, appointment=appointment)

    assert again.state == PaymentState.COMPLETED


def test_without_a_token_for_the_chosen_account_nothing_is_written(platform, connect):
    barber = factories.create_barber()
    factories.create_config(barber, mode=Mode.DECENTRALIZED, fallback_enabled=False)
    connect(barber)

    with pytest.raises(PaymentRoutingFailed, match="has no payment token"):
        take(barber, payment_methods={"platform": "pm_card_visa"})

    assert not Payment.objects.exists()


def test_without_any_token_nothing_is_written(platform):
    with pytest.raises(PaymentMethodMissing):
        take(factories.create_barber(), payment_methods={})

    assert not Payment.objects.exists()


def test_a_sale_in_another_currency_is_booked_in_it(platform):
    payment = take(factories.create_barber(), amount=Money(75_00, "GBP"))

    accounts = LedgerTransaction.objects.values_list("entries__currency", flat=True)
    assert (payment.currency, set(accounts)) == ("GBP", {"GBP"})
    assert get_offences() == []
