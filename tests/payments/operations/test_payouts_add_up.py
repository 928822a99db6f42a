"""Whatever happens to sales and payouts: paid + payable now + reserved + waiting = owed."""

from datetime import timedelta
from itertools import count

import pytest
from django.db.models import Sum
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from payments.models import LedgerEntry, Payout
from payments.operations.payouts import create_payouts, list_due
from payments.states import MADE_PAYOUT_STATES, OPEN_PAYOUT_STATES, PayoutState
from processors.contract import Movement, MovementKind
from tests import factories
from tests.payments.books import BY, NOON, about, charge, get_failed_checks, record, usd
from tests.payments.payouts import (
    LATER,
    create_destination,
    find_payable,
    lose_answer,
    pay,
    refuse,
    sell,
)

pytestmark = pytest.mark.django_db

AMOUNTS = st.integers(1_00, 300_00)
_accounts = count(1)


class Story:
    """One barber's sales and payouts, step by step."""

    def __init__(self) -> None:
        self.platform = factories.create_platform_connection(
            account_id=f"acct_story{next(_accounts)}"
        )
        self.barber = factories.create_barber()
        create_destination(self.barber)
        self.now = LATER
        self.sales: list[Movement] = []
        self.came_back: dict[int, tuple[int, ...]] = {}

    def end(self) -> None:
        """There is one platform at a time."""
        self.platform.state = "disconnected"
        self.platform.save()

    def sell(self, minor: int, fee_minor: int | None, days: int) -> None:
        available_at = None if fee_minor is None else self.now + timedelta(days=days)
        sale = sell(
            self.platform,
            self.barber,
            minor,
            fee_minor=fee_minor,
            available_at=available_at,
            occurred_at=self.now,
        )
        self.sales.append(sale)

    def name_fee(self, fee_minor: int) -> None:
        for sale in self.sales:
            known = charge(
                our_reference=sale.our_reference,
                external_id=sale.external_id,
                amount=sale.amount,
                fee=usd(fee_minor),
                version=2,
                available_at=NOON,
                occurred_at=sale.occurred_at,
            )
            if sale.fee is None:
                record(self.platform, known)

    def give_back(self, kind: MovementKind, share: int) -> None:
        if self.sales:
            sale = self.sales.pop(0)
            part = usd(max(sale.amount.amount_minor * share // 100, 1))
            record(self.platform, about(sale, kind, amount=part, fee=usd(0)))

    def wait(self, days: int) -> None:
        self.now += timedelta(days=days)

    def claim(self) -> None:
        due = list_due(now=self.now, barber_ids=[self.barber.pk])
        create_payouts(due=due, by=BY, now=self.now)

    def settle(self, outcome: str) -> None:
        payouts = Payout.objects.filter(barber=self.barber)
        if outcome == "reversed":
            made = payouts.filter(state__in=sorted(MADE_PAYOUT_STATES)).last()
            if made is not None:
                self._reverse(made)
            return
        payout = payouts.filter(state__in=sorted(OPEN_PAYOUT_STATES)).last()
        if payout is not None:
            {"paid": pay, "refused": refuse, "lost": lose_answer}[outcome](payout, now=self.now)

    def _reverse(self, payout: Payout) -> None:
        before = self.came_back.get(payout.pk, ())
        part = (payout.amount_minor - sum(before) + 1) // 2
        if part:
            self.came_back[payout.pk] = (*before, part)
            pay(payout, *self.came_back[payout.pk], now=self.now)

    def check(self) -> None:
        entries = LedgerEntry.objects.filter(account__code="payable", barber_id=self.barber.pk)
        balance = -(entries.aggregate(sum=Sum("amount_minor"))["sum"] or 0)
        found = find_payable(self.barber, now=self.now)
        if found is None:
            assert balance == 0
            return
        facts = found.facts
        parts = (
            facts.available,
            facts.reserved,
            facts.waiting_for_funds,
            facts.waiting_for_fees,
            facts.withheld,
        )
        assert sum(part.amount_minor for part in parts) == facts.owed.amount_minor == balance
        assert found.decision.amount.amount_minor >= 0
        assert found.decision.amount in {facts.available, usd(0)}


STEPS = st.one_of(
    st.tuples(st.just("sell"), AMOUNTS, st.none() | st.integers(0, 90), st.integers(0, 4)),
    st.tuples(st.just("name_fee"), st.integers(0, 90)),
    st.tuples(
        st.just("give_back"),
        st.sampled_from([MovementKind.REFUND, MovementKind.DISPUTE]),
        st.integers(1, 100),
    ),
    st.tuples(st.just("wait"), st.integers(1, 4)),
    st.tuples(st.just("claim")),
    st.tuples(st.just("claim")),
    st.tuples(st.just("settle"), st.sampled_from(["paid", "paid", "refused", "lost", "reversed"])),
)


@given(st.lists(STEPS, min_size=3, max_size=25))
@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_every_cent_is_somewhere_once(steps):
    story = Story()
    for name, *arguments in steps:
        getattr(story, name)(*arguments)
        story.check()
    assert get_failed_checks() == set()
    story.end()


@given(st.lists(AMOUNTS, min_size=1, max_size=5), st.lists(st.integers(1, 100), max_size=5))
@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_paid_out_until_nothing_is_left_a_barber_has_exactly_what_he_earned(amounts, shares):
    story = Story()
    for amount in amounts:
        story.sell(amount, 0, 0)
    story.claim()
    story.settle("paid")
    for share in shares:
        story.give_back(MovementKind.REFUND, share)
    story.sell(5000_00, 0, 0)
    story.claim()
    story.settle("paid")

    story.check()
    assert find_payable(story.barber, now=story.now) is None
    assert not Payout.objects.filter(barber=story.barber).exclude(state=PayoutState.PAID).exists()
    story.end()
