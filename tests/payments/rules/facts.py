"""What routing is told, as values. A call names only what the test is about."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from bookedbarber.foundation.money import Money
from payments.rules.commission import CommissionTerms
from payments.rules.fees import FeeTerms
from payments.rules.routing import Account, RoutingFacts, Terms
from payments.states import Mode

SPRING = datetime(2026, 3, 1, tzinfo=UTC)
SUMMER = datetime(2026, 6, 1, tzinfo=UTC)

STRIPE_FEES = FeeTerms(Decimal("2.9"), 30)
SQUARE_FEES = FeeTerms(Decimal("2.6"), 10)

PLATFORM = Account(
    connection_id=1,
    processor="stripe",
    name="BookedBarber",
    is_platform=True,
    is_connected=True,
    is_disabled=False,
    takes_payments=True,
    currencies=("USD", "GBP"),
    fees=STRIPE_FEES,
    connected_at=SPRING,
)
SQUARE = replace(
    PLATFORM,
    connection_id=5,
    processor="square",
    name="Chair 5",
    is_platform=False,
    currencies=("USD",),
    fees=SQUARE_FEES,
)
OWN_STRIPE = replace(
    SQUARE, connection_id=7, processor="stripe", name="My Stripe", fees=STRIPE_FEES
)

# From 50.00 on the barber's account may be used, above 100.00 it is.
HYBRID = Terms(
    mode=Mode.HYBRID,
    commission=CommissionTerms(rate=Decimal(20)),
    currency="USD",
    min_external_minor=50_00,
    max_platform_minor=100_00,
)
DECENTRALIZED = replace(HYBRID, mode=Mode.DECENTRALIZED)
CENTRALIZED = replace(HYBRID, mode=Mode.CENTRALIZED)


def given(terms: Terms = HYBRID, *accounts: Account, **fields: Any) -> RoutingFacts:
    """75.00 USD, by default with the platform's account and the barber's Square."""
    fields.setdefault("amount", Money(75_00, "USD"))
    return RoutingFacts(terms=terms, accounts=accounts or (PLATFORM, SQUARE), **fields)
