"""Conversions of currencies on the platform's account."""

import pytest

from bookedbarber.foundation.money import Money
from payments.models import LedgerTransaction
from processors.contract import MovementKind as Kind
from tests import factories
from tests.payments.books import charge, get_balances, get_failed_checks, record, usd

pytestmark = pytest.mark.django_db


def test_a_conversion_has_a_side_in_each_currency():
    platform = factories.create_platform_connection()
    taken = charge(kind=Kind.CONVERSION_OUT, amount=usd(10_00), fee=usd(20))
    given = charge(kind=Kind.CONVERSION_IN, amount=Money(13_60, "CAD"), tip=Money.zero("CAD"))
    record(platform, taken, given)

    assert get_balances(currency="USD") == {
        "clearing": -10_20,
        "exchange": 10_00,
        "processing_fees": 20,
    }
    assert get_balances(currency="CAD") == {"clearing": 13_60, "exchange": -13_60}
    assert set(LedgerTransaction.objects.values_list("kind", flat=True)) == {"conversion", "fee"}
    assert get_failed_checks() == set()
