"""What happens on an account at a simulated processor, and the events that tell of it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from bookedbarber.accounts.models import Barber
from bookedbarber.foundation.money import Money
from payments.models import Payment, PaymentLeg
from processors.contract import ChargeRequest, Charges
from processors.models import Connection
from processors.registry import get_adapter
from tests import factories
from tests.payments.books import create_leg
from tests.simulation import SimulatedAccount, Simulator

PLATFORM = "platform"
# The platform's account, at which payers pay in a currency that it does not hold.
CONVERTED = "converted"
PLACES = ("square", "stripe", PLATFORM, CONVERTED)
RATE = 20


@dataclass(frozen=True)
class Story:
    """An account, and what its processor tells of it, in the order in which it happened."""

    connection: Connection
    events: tuple[dict[str, Any], ...]

    @property
    def places(self) -> list[int]:
        return list(range(len(self.events)))


@dataclass(frozen=True)
class Stage:
    """An account at which sales are made: at a terminal, or by us on the platform's own."""

    simulator: Simulator
    account: SimulatedAccount
    connection: Connection
    barber: Barber
    currency: str = "USD"

    def sell(self, amount_minor: int, tip_minor: int = 0) -> str:
        """The name by which the sale is refunded and disputed."""
        if self.connection.is_platform:
            tip = Money(tip_minor, self.currency)
            amount = Money(amount_minor, self.currency) + tip
            return charge_unheard(self.connection, self.barber, amount, tip)
        sold = self.act("terminal_sales", amount_minor=amount_minor, tip_minor=tip_minor)
        return str(sold["id"])

    def dispute(self, sale: str, outcome: str) -> None:
        dispute = self.simulator.act("disputes", payment=sale)["id"]
        self.simulator.act(f"disputes/{dispute}/submit_evidence")
        self.simulator.act(f"disputes/{dispute}/{outcome}")

    def act(self, door: str, **body: Any) -> dict[str, Any]:
        named = {"processor": self.account.processor, "account_id": self.account.account_id}
        return self.simulator.act(door, **named, **body)


def sell_and_refund(stage: Stage) -> None:
    """A sale with a tip; a part of it goes back for good, another one comes again."""
    sale = stage.sell(70_00, tip_minor=15_00)
    stage.simulator.act("refunds", payment=sale, amount_minor=25_00)
    returned = stage.simulator.act("refunds", payment=sale, amount_minor=10_00)["id"]
    stage.simulator.act(f"refunds/{returned}/fail")


def sell_and_lose(stage: Stage) -> None:
    stage.dispute(stage.sell(40_00), "lose")


def sell_and_win(stage: Stage) -> None:
    stage.dispute(stage.sell(50_00, tip_minor=5_00), "win")


Act = Callable[[Stage], None]
WHOLE: tuple[Act, ...] = (sell_and_refund, sell_and_lose, sell_and_win)


def let_happen(simulator: Simulator, place: str, acts: Iterable[Act] = WHOLE) -> Story:
    """Let this happen on a new account of this place, with a payout at the end."""
    stage = _set_up(simulator, place)
    for act in acts:
        act(stage)
    stage.sell(20_00)  # so that there is something to pay out
    _pay_out(stage)
    path = f"events?limit=1000&account_id={stage.account.account_id}"
    listed = simulator.get(path)["events"]
    return Story(stage.connection, tuple(one["body"] for one in listed))


def _set_up(simulator: Simulator, place: str) -> Stage:
    is_central = place in {PLATFORM, CONVERTED}
    processor = "stripe" if is_central else place
    account = simulator.create_account(processor, currencies=["USD"])
    known = {"account_id": account.account_id, "credentials": account.credentials}
    barber = factories.create_barber()
    factories.create_config(barber, commission_rate=RATE)
    if is_central:
        connection = factories.create_platform_connection(**known)
    else:
        connection = factories.create_connection(barber, processor=processor, **known)
    currency = "CAD" if place == CONVERTED else "USD"
    return Stage(simulator, account, connection, barber, currency)


def charge_unheard(connection: Connection, barber: Barber, amount: Money, tip: Money) -> str:
    """A sale of ours of which nothing is recorded yet but that it was captured."""
    leg = create_leg(connection, barber, amount=amount)
    Payment.objects.filter(pk=leg.payment_id).update(tip_minor=tip.amount_minor)
    account = get_adapter(connection.get_access(), Charges)
    request = ChargeRequest(
        reference=leg.public_id,
        amount=amount,
        tip=tip,
        payment_token="pm_card_visa",
    )
    name = account.charge(request).external_id
    PaymentLeg.objects.filter(pk=leg.pk).update(external_id=name)
    return name


def _pay_out(stage: Stage) -> None:
    """All that is available, once it is."""
    stage.simulator.advance(timedelta(days=3).total_seconds())
    for payout in stage.act("payouts")["payouts"]:
        stage.simulator.act(f"payouts/{payout['id']}/paid")
