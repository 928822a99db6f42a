"""The ways to pay a barber."""

from decimal import Decimal

import pytest
from django.utils import timezone

from bookedbarber.foundation.money import Money
from payments.queries.options import list_options
from payments.states import Mode
from tests import factories

pytestmark = pytest.mark.django_db

USD_75 = Money(75_00, "USD")


def ask(barber, amount=USD_75):
    barber.refresh_from_db()
    return list_options(barber, amount=amount, now=timezone.now())


def test_the_platform_and_every_usable_account_with_its_costs():
    barber = factories.create_hybrid_barber()
    platform = factories.create_platform_connection()
    square = factories.create_connection(barber)
    factories.create_connection(barber, state="expired")

    options = ask(barber)

    assert [(option.type, option.account.connection_id) for option in options.options] == [
        ("platform", platform.pk),
        ("external", square.pk),
    ]
    central, external = (option.fees for option in options.options)
    assert (central.processing_fee, central.net_amount) == (Money(2_48, "USD"), Money(57_52, "USD"))
    assert (external.processing_fee, external.net_amount) == (
        Money(2_05, "USD"),
        Money(57_95, "USD"),
    )
    assert options.default is options.options[1]
    assert options.fallback_enabled


def test_the_default_is_what_routing_would_choose():
    barber = factories.create_hybrid_barber()
    factories.create_platform_connection()
    factories.create_connection(barber)

    assert ask(barber, Money(49_99, "USD")).default.type == "platform"
    assert ask(barber, Money(100_01, "USD")).default.type == "external"


def test_without_an_amount_costs_are_shown_for_an_example():
    barber = factories.create_barber()
    factories.create_config(barber, currency="GBP")
    factories.create_platform_connection()

    options = ask(barber, None)

    assert options.amount == Money(100_00, "GBP")
    assert options.default.fees.processing_fee == Money(3_20, "GBP")


def test_what_is_usable_is_listed_although_routing_would_refuse():
    barber = factories.create_barber()
    factories.create_config(barber, mode=Mode.DECENTRALIZED, fallback_enabled=False)
    factories.create_platform_connection()

    options = ask(barber)

    assert [option.type for option in options.options] == ["platform"]
    assert options.default is None
    assert not options.fallback_enabled


def test_nobody_can_be_paid_in_a_currency_that_no_account_settles():
    barber = factories.create_barber()
    factories.create_platform_connection(currencies=["USD"])

    options = ask(barber, Money(75_00, "CAD"))

    assert (options.options, options.default) == ((), None)


def test_commission_is_that_of_the_barbers_terms():
    barber = factories.create_barber()
    factories.create_config(barber, commission_rate=Decimal("12.5"))
    factories.create_platform_connection()

    assert ask(barber).default.fees.commission == Money(9_38, "USD")
