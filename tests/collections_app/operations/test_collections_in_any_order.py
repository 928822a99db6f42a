"""Sales, refunds, builds and decisions in any order: every cent owed is in exactly one place."""

from datetime import timedelta

import pytest
from django.db import transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from bookedbarber.foundation.errors import Conflict, DomainError
from collections_app.models import CollectionLine, PlatformCollection
from collections_app.operations.carry_over import carry_over_barber
from collections_app.operations.collections import (
    cancel_collection,
    move_due_collections,
    waive_collection,
)
from collections_app.operations.contests import contest_line, reject_contest, uphold_contest
from collections_app.operations.fees import adjust_accrual, charge_late_fee
from collections_app.operations.payments_by_decision import pay_by_hand
from payments.models import Accrual
from tests.collections_app.owing import (
    BUILD,
    WEEK,
    build,
    create_owing_barber,
    get_outstanding,
    refund,
    sell,
)
from tests.payments.books import BY, get_balances, get_failed_checks, usd

pytestmark = pytest.mark.django_db

ACTS = ["sell", "refund", "fee", "build", "contest", "decide", "adjust"]
ACTS += ["due", "pay", "waive", "cancel", "carry", "sell", "build", "decide"]
steps = st.lists(st.tuples(st.sampled_from(ACTS), st.integers(0, 99)), min_size=8, max_size=25)


class World:
    """One barber, whose days pass with each step."""

    def __init__(self) -> None:
        self.barber, self.account = create_owing_barber(net_rent=True)
        self.sales: list = []
        self.now = BUILD
        self.said = {"reason": "Said so.", "by": BY}

    def act(self, name: str, number: int) -> None:
        self.now += timedelta(days=number % 4)
        try:
            with transaction.atomic():
                getattr(self, name)(number)
        except (DomainError, Conflict):
            return

    def sell(self, number: int) -> None:
        self.sales += sell(self.account, number * 100 + 5, at=self.now)

    def refund(self, number: int) -> None:
        if self.sales:
            sale = self.sales.pop(number % len(self.sales))
            refund(self.account, sale, sale.amount.amount_minor // (1 + number % 3), at=self.now)

    def fee(self, number: int) -> None:
        charge_late_fee(
            barber=self.barber, amount=usd(number + 1), reference=str(number), now=self.now,
            **self.said,
        )  # fmt: skip

    def build(self, _number: int) -> None:
        build(self.now + WEEK)

    def contest(self, number: int) -> None:
        contest_line(line=self._pick_line(number, "live"), now=self.now, **self.said)

    def decide(self, number: int) -> None:
        """Of what is contested, after a contest of what is not."""
        self.build(number)
        self.contest(number)
        decide = uphold_contest if number % 2 else reject_contest
        decide(line=self._pick_line(number, "contested"), now=self.now, **self.said)

    def adjust(self, number: int) -> None:
        accruals = list(Accrual.objects.order_by("pk"))
        if accruals:
            chosen = accruals[number % len(accruals)]
            part = usd(-chosen.amount_minor // (1 + number % 3))
            adjust_accrual(
                accrual=chosen, amount=part, reference=str(number), now=self.now, **self.said
            )

    def due(self, _number: int) -> None:
        move_due_collections(now=self.now, by=BY)

    def pay(self, number: int) -> None:
        pay_by_hand(collection=self._pick(number), reference="wire", by=BY, now=self.now)

    def waive(self, number: int) -> None:
        waive_collection(collection=self._pick(number), now=self.now, **self.said)

    def cancel(self, number: int) -> None:
        cancel_collection(collection=self._pick(number), now=self.now, **self.said)

    def carry(self, _number: int) -> None:
        carry_over_barber(barber=self.barber, currency="USD", now=self.now, **self.said)

    def _pick(self, number: int) -> PlatformCollection:
        return _choose(list(PlatformCollection.objects.order_by("pk")), number)

    def _pick_line(self, number: int, state: str) -> CollectionLine:
        return _choose(list(CollectionLine.objects.filter(state=state).order_by("pk")), number)


def _choose(rows: list, number: int):
    if not rows:
        raise Conflict("nothing to choose from")
    return rows[-1 - number % len(rows)]


@settings(max_examples=20, deadline=None)
@given(steps)
def test_whatever_happens_each_cent_is_owed_in_one_place(story):
    with transaction.atomic():
        world = World()
        for name, number in story:
            world.act(name, number)

        assert get_failed_checks() == set()
        lines = CollectionLine.objects.exclude(state="released")
        held = sum(
            line.amount_minor
            for line in lines.select_related("collection")
            if line.state == "contested" or line.collection.state not in {"collected", "waived"}
        )
        owed = get_balances(barber_id=world.barber.pk).get("receivable", 0)
        assert owed == held + get_outstanding(world.barber)
        transaction.set_rollback(True)
