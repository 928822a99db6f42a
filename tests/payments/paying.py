"""A platform, a barber with an account to pay to, and sales that can be paid; all simulated."""

from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from bookedbarber.accounts.models import Barber
from bookedbarber.foundation.money import Money
from payments.models import Payment, Payout
from payments.operations.charges import take_payment
from payments.operations.claims import Order
from payments.operations.payout_destinations import set_payout_destination
from payments.operations.payouts import pay_out
from processors.models import Connection
from tests import factories
from tests.simulation import SimulatedAccount, Simulator

BY = "job:test"


class Shop:
    """The platform's account whose money is available at once, and the barber's."""

    def __init__(self, platform: Connection, simulator: Simulator, secret: str) -> None:
        self.simulator, self.platform = simulator, platform
        self.barber: Barber = factories.create_barber()
        self.at_stripe = SimulatedAccount("stripe", platform.account_id, secret)
        simulator.change_account(self.at_stripe, funds_delay_seconds=0)
        self.account = simulator.create_account("stripe", platform=platform.account_id)

    def connect(self, barber: Barber | None = None, account: SimulatedAccount | None = None):
        return set_payout_destination(
            barber=barber or self.barber,
            account_id=(account or self.account).account_id,
            by=BY,
            now=self.now(),
        )

    def now(self, **later: float) -> datetime:
        """The simulator's clock may be ahead of ours; money is available by its."""
        return max(self.simulator.now(), timezone.now()) + timedelta(milliseconds=1500, **later)

    def sell(self, minor: int = 75_00, *, barber: Barber | None = None) -> Payment:
        order = Order(
            barber=barber or self.barber,
            amount=Money(minor, "USD"),
            tip=Money(0, "USD"),
            payment_methods={"platform": "pm_card_visa"},
        )
        return take_payment(order=order, by=BY, now=timezone.now()).payment

    def pay_out(self, **later: float) -> list[Payout]:
        return pay_out(by=BY, now=self.now(**later))

    def list_transfers(self) -> list[int]:
        """Minor units that left the platform, less what came back, each by its own."""
        rows = self.simulator.journal(self.platform.account_id)
        return [row["amount_minor"] for row in rows if row["kind"].startswith("transfer")]

    def spoil_transfer(self, kind: str, **rule: object) -> None:
        self.simulator.add_fault(
            kind, account_id=self.platform.account_id, method="POST", path="/v1/transfers", **rule
        )


@pytest.fixture
def shop(platform: Connection, simulator: Simulator, settings) -> Shop:
    settings.PROCESSOR_RETRY_SECONDS = 0.01
    settings.BREAKER_FAILURES = 100
    return Shop(platform, simulator, settings.STRIPE_SECRET_KEY)
