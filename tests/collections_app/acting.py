"""Three barbers and the platform at simulated processors: what they do, and how we hear of it."""

from collections import Counter
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import httpx
from django.conf import settings

from bookedbarber.accounts.models import Barber
from bookedbarber.foundation.money import Money
from collections_app.models import CollectionAttempt, PlatformCollection
from collections_app.operations.attempts import process_collections
from collections_app.operations.building import build_collections
from collections_app.operations.carry_over import carry_over_barber
from collections_app.operations.collections import move_due_collections
from collections_app.operations.disputed_debits import follow_lost_disputes
from collections_app.operations.unknown_attempts import settle_unknown_attempts
from payments.models import Payment, Payout
from payments.operations.charges import take_payment
from payments.operations.claims import Order
from payments.operations.disputes import follow_disputes
from payments.operations.payout_destinations import set_payout_destination
from payments.operations.payouts import pay_out
from payments.operations.refund_requests import request_refund
from payments.operations.syncs import sync_connection
from payments.operations.transfers import follow_reversals
from payments.states import LegRole
from processors.models import Connection
from tests import factories
from tests.collections_app.hearing import EventListener
from tests.payments.books import BY, get_balances, usd
from tests.simulation import SimulatedAccount, Simulator

ON_PLATFORM = {"platform": "pm_card_visa"}
ANYWHERE = {**ON_PLATFORM, "square": "cnon:card-nonce-ok"}
TERMS: dict[str, Any] = {"commission_rate": Decimal(20), "minimum_collection_minor": 0}


class Cast:
    """Barbers a (centralized), b (decentralized) and h (hybrid), and the platform they work for.

    Time is the simulator's: what needs days waits for them.
    """

    def __init__(
        self, platform: Connection, simulator: Simulator, connect: Any, stripe: httpx.Client
    ) -> None:
        self.simulator, self.platform, self._stripe = simulator, platform, stripe
        self.at_stripe = SimulatedAccount("stripe", platform.account_id, settings.STRIPE_SECRET_KEY)
        self.change_platform(funds_delay_seconds=0)
        self.a = self._hire(mode="centralized", net_from_payout=True)
        self.b = self._hire(mode="decentralized", net_rent=True)
        self.h = self._hire(mode="hybrid", min_external_minor=50_00, split_threshold_minor=60_00)
        self.square_b = connect(self.b, funds_delay_seconds=0, minimum_minor=1)
        self.square_h = connect(self.h)
        self.accounts = (self.platform, self.square_b, self.square_h)
        self._listeners = {one.pk: EventListener(one, simulator) for one in self.accounts}
        for barber in (self.a, self.h):
            self._open_destination(barber)

    def _hire(self, **terms: Any) -> Barber:
        barber = factories.create_barber()
        factories.create_config(barber, **(TERMS | terms))
        return barber

    def _open_destination(self, barber: Barber) -> None:
        account = self.simulator.create_account("stripe", platform=self.platform.account_id)
        set_payout_destination(
            barber=barber, account_id=account.account_id, by=BY, now=self.get_now()
        )

    # Time

    def get_now(self) -> datetime:
        return self.simulator.now()

    def pass_time(self, **interval: float) -> datetime:
        self.simulator.advance(timedelta(**interval).total_seconds())
        return self.get_now()

    # Sales and what becomes of them

    def take(self, barber: Barber, minor: int, tip_minor: int = 0) -> Payment:
        tokens = ON_PLATFORM if barber == self.a else ANYWHERE
        order = Order(barber=barber, amount=usd(minor), tip=usd(tip_minor), payment_methods=tokens)
        return take_payment(order=order, by=BY, now=self.get_now()).payment

    def sell_at_terminal(self, account: Connection, minor: int, tip_minor: int = 0) -> str:
        """A sale that none of ours took. Returns its name."""
        sold = self._act(account, "terminal_sales", amount_minor=minor, tip_minor=tip_minor)
        return str(sold["id"])

    def refund(self, payment: Payment, minor: int) -> str:
        """Ours. Returns its name at the processor, of a split sale that of the commission leg."""
        refund = request_refund(
            payment=payment, amount=usd(minor), reason="Unhappy", by=BY, now=self.get_now()
        ).refund
        refund.refresh_from_db()
        return refund.external_id

    def refund_in_dashboard(self, sale: str, minor: int) -> str:
        made = self.simulator.act("refunds", payment=sale, amount_minor=minor)
        return str(made["id"])

    def fail_refund(self, refund: str) -> None:
        self.simulator.act(f"refunds/{refund}/fail")

    def dispute(self, sale: str) -> str:
        return str(self.simulator.act("disputes", payment=sale)["id"])

    def win(self, dispute: str) -> None:
        self.simulator.act(f"disputes/{dispute}/submit_evidence")
        self.simulator.act(f"disputes/{dispute}/win")

    def correct_fee(self, sale: str, minor: int) -> None:
        """The processor charges another fee than it would have, or had said."""
        self.simulator.act("plants", kind="fee", object_id=sale, fee_minor=minor)

    # Payouts and collections

    def pay_out(self, barber: Barber) -> Payout:
        [payout] = pay_out(by=BY, now=self.get_now(), barber_ids=[barber.pk])
        return payout

    def change_destination(self, payout: Payout, **terms: Any) -> None:
        account = SimulatedAccount("stripe", payout.destination.account_id, "")
        self.simulator.change_account(account, **terms)

    def carry_over(self, barber: Barber) -> None:
        now = self.get_now()
        carry_over_barber(barber=barber, currency="USD", reason="He leaves.", by=BY, now=now)

    def build(self) -> PlatformCollection:
        """What there is to collect once the week of everything so far is closed, and its buffer."""
        [key] = build_collections(now=self.pass_time(days=11), by=BY).collection_ids
        return PlatformCollection.objects.get(pk=key)

    def collect(self, collection: PlatformCollection) -> CollectionAttempt:
        """Take it as its barber's terms say, once the notice is over."""
        now = self.pass_time(days=2)
        move_due_collections(now=now, by=BY)
        process_collections(now=now, by=BY)
        attempt: CollectionAttempt = collection.attempts.get()
        return attempt

    # The platform's account

    def change_platform(self, **terms: Any) -> None:
        self.simulator.change_account(self.at_stripe, **terms)

    def pay_platforms_bank(self, minor: int) -> None:
        self._call_stripe("POST", "payouts", data={"amount": minor, "currency": "usd"})

    def charge_platform(self, minor: int, **said: Any) -> None:
        self._act(self.platform, "processor_charges", amount_minor=minor, currency="USD", **said)

    def get_processors_balance(self) -> Counter[str]:
        """What the processor says it holds for the platform, in minor units by currency."""
        answer = self._call_stripe("GET", "balance")
        held: Counter[str] = Counter()
        for each in (*answer["available"], *answer["pending"]):
            held[each["currency"].upper()] += each["amount"]
        return held

    def _call_stripe(self, method: str, path: str, **options: Any) -> Any:
        answer = self._stripe.request(method, path, auth=(self.at_stripe.secret, ""), **options)
        return answer.raise_for_status().json()

    def _act(self, account: Connection, door: str, **body: Any) -> dict[str, Any]:
        named = {"processor": account.processor, "account_id": account.account_id}
        return self.simulator.act(door, **named, **body)

    # Hearing of it

    def hear(self, *accounts: Connection) -> None:
        """By events, of the platform's account unless others are named."""
        for account in accounts or (self.platform,):
            self._listeners[account.pk](self.get_now())
        self._sweep()

    def read(self, *accounts: Connection, force: bool = False) -> None:
        """By lists alone, of the platform's account unless others are named."""
        now = self.get_now()
        settle_unknown_attempts(now=now)
        for account in accounts or (self.platform,):
            row = Connection.objects.get(pk=account.pk)
            run = sync_connection(connection=row, by=BY, now=now, force=force)
            assert (run.outcome, run.error, run.unreadable) == ("completed", "", [])
        self._sweep()

    def _sweep(self) -> None:
        follow_disputes()
        follow_reversals(by=BY)
        follow_lost_disputes(by=BY, now=self.get_now())

    def pay_own_bank(self, account: Connection) -> None:
        """Some of what happens at Square is only in its payouts to the bank."""
        self._act(account, "payouts")

    # What the books say

    def get_balances(self) -> tuple[int, ...]:
        of_all = get_balances(currency="USD")
        a, b, h = (get_balances(barber_id=each.pk) for each in (self.a, self.b, self.h))
        return (
            of_all.get("clearing", 0),
            a.get("payable", 0),
            h.get("payable", 0),
            b.get("receivable", 0),
            a.get("receivable", 0),
            h.get("receivable", 0),
            of_all.get("commission", 0),
        )


def get_name(payment: Payment, role: LegRole = LegRole.MAIN) -> str:
    """The name of a payment's sale at its processor."""
    return str(payment.legs.get(role=role).external_id)


def said(amount: Money, reference: str, reason: str) -> dict[str, Any]:
    """What a fee is, to be charged."""
    return {"amount": amount, "reference": reference, "reason": reason, "by": BY}
