"""A year of three barbers, told with the real operations; the balances after each step.

Movements are recorded as a sync would bring them, without a processor behind them. A conversion
of currencies, which nothing of ours makes yet, is posted by hand.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from bookedbarber.accounts.models import Barber
from collections_app.models import Mandate, PlatformCollection
from collections_app.operations.building import build_collections
from collections_app.operations.carry_over import carry_over_barber
from collections_app.operations.claims import claim_debit
from collections_app.operations.collections import move_due_collections, waive_collection
from collections_app.operations.fees import charge_late_fee, charge_platform_fee
from collections_app.operations.netting import net_from_payout
from collections_app.operations.payments_by_decision import pay_by_hand
from collections_app.operations.rent import accrue_rent
from collections_app.operations.rent_plans import create_rent_plan
from collections_app.states import CollectionState
from payments.models import Accrual, ExternalTransaction
from payments.operations.explanations import explain_movement
from payments.operations.ledger import post
from payments.rules.postings import Entry, Posting
from payments.states import AccountCode as Code
from payments.states import PostingSource
from processors.contract import Movement
from processors.contract import MovementKind as Kind
from processors.models import Connection
from tests import factories
from tests.payments.books import (
    BY,
    NOON,
    about,
    charge,
    create_leg,
    create_split,
    get_balances,
    get_failed_checks,
    record,
    usd,
)

pytestmark = pytest.mark.django_db

WEEK = timedelta(days=7)


class Story:
    """Barbers a (centralized), b (decentralized) and h (hybrid), and their books."""

    def __init__(self) -> None:
        self.platform = factories.create_platform_connection()
        self.a, self.b, self.h = (factories.create_barber() for _ in range(3))
        self.square_b = factories.create_connection(self.b)
        self.square_h = factories.create_connection(self.h)
        for barber in (self.a, self.b, self.h):
            factories.create_config(barber, minimum_collection_minor=0, net_rent=True)

    def tell(self, on: Connection, *movements: Movement) -> Movement:
        record(on, *movements)
        return movements[0]

    def sell(self, barber: Barber, minor: int, *, rate: int = 20, **fields) -> Movement:
        leg = create_leg(self.platform, barber, amount=usd(minor), rate=Decimal(rate))
        return self.tell(
            self.platform, charge(our_reference=leg.public_id, amount=usd(minor), **fields)
        )

    def transfer(self, barber: Barber, minor: int) -> Movement:
        movement = charge(kind=Kind.TRANSFER, amount=usd(minor))
        self.tell(self.platform, movement)
        self.explain(movement, barber)
        return movement

    def explain(self, movement: Movement, barber: Barber) -> None:
        row = ExternalTransaction.objects.get(external_id=movement.external_id)
        explain_movement(movement=row, barber=barber, reason="He said so.", by=BY, now=NOON)

    def convert(self, minor: int) -> None:
        """Against `bank`, so that the balances stand where the story has them."""
        posting = Posting(
            environment="sandbox",
            kind="by_hand",
            source_type=PostingSource.MOVEMENT,
            source_id=10**9,
            occurred_at=NOON,
            entries=(
                Entry(Code.CLEARING, usd(-minor), connection_id=self.platform.pk),
                Entry(Code.BANK, usd(minor)),
            ),
        )
        post([posting], by=BY, now=NOON)

    def carry_over(self, barber: Barber) -> None:
        carry_over_barber(barber=barber, currency="USD", reason="He leaves.", by=BY, now=NOON)

    def collect(self, weeks: int) -> PlatformCollection:
        """What a build so many weeks later makes, due at once."""
        now = NOON + weeks * WEEK + timedelta(days=3)
        (key,) = build_collections(now=now, by=BY).collection_ids
        move_due_collections(now=now + timedelta(days=2), by=BY)
        return PlatformCollection.objects.get(pk=key)

    def debit(self, collection: PlatformCollection) -> str:
        """An attempt that the processor has accepted; its movement is still to come."""
        Mandate.objects.create(
            barber=collection.barber,
            environment="sandbox",
            connection=self.platform,
            customer_id="cus_b",
            payment_method_id="pm_b",
            kind="bank_account",
            accepted_at=NOON,
        )
        attempt = claim_debit(
            collection=collection, states=[CollectionState.DUE], by=BY, now=NOON + 2 * WEEK
        )
        return attempt.public_id

    def get_balances(self) -> tuple[int, ...]:
        of_all = get_balances()
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


def tell(story: Story) -> Iterator[tuple[int, tuple[int, ...]]]:
    """(step, clearing, payable a, h, receivable b, a, h, commission) after each step."""
    first = story.sell(story.a, 75_00)
    yield 1, (75_00, -60_00, 0, 0, 0, 0, -15_00)
    story.tell(story.platform, replace(first, version=2, fee=usd(2_48)))
    yield 2, (72_52, -57_52, 0, 0, 0, 0, -15_00)
    corrected = replace(first, version=3, fee=usd(2_50))
    story.tell(story.platform, corrected)
    yield 3, (72_50, -57_50, 0, 0, 0, 0, -15_00)
    story.tell(story.platform, corrected)
    yield 4, (72_50, -57_50, 0, 0, 0, 0, -15_00)
    tipped = story.sell(story.a, 60_00, tip=usd(10_00), fee=usd(2_04))
    yield 5, (130_46, -105_46, 0, 0, 0, 0, -25_00)
    story.tell(story.platform, about(first, Kind.REFUND, amount=usd(30_00)))
    yield 6, (100_46, -81_46, 0, 0, 0, 0, -19_00)
    payout = story.transfer(story.a, 81_46)
    yield 9, (19_00, 0, 0, 0, 0, 0, -19_00)
    late = story.tell(story.platform, about(first, Kind.REFUND, amount=usd(15_00)))
    yield 10, (4_00, 12_00, 0, 0, 0, 0, -16_00)
    story.tell(story.platform, about(late, Kind.REFUND_FAILED))
    yield 11, (19_00, 0, 0, 0, 0, 0, -19_00)
    story.tell(story.platform, about(tipped, Kind.DISPUTE, fee=usd(15_00)))
    yield 12, (-56_00, 65_00, 0, 0, 0, 0, -9_00)
    story.tell(story.platform, about(tipped, Kind.DISPUTE_WON))
    yield 13, (4_00, 15_00, 0, 0, 0, 0, -19_00)
    story.carry_over(story.a)
    yield 14, (4_00, 0, 0, 0, 15_00, 0, -19_00)
    story.tell(story.platform, about(payout, Kind.TRANSFER_REVERSED, amount=usd(20_00)))
    yield 15, (24_00, -20_00, 0, 0, 15_00, 0, -19_00)
    net_from_payout(collection=story.collect(0), by=BY, now=NOON + WEEK)
    yield 16, (24_00, -5_00, 0, 0, 0, 0, -19_00)
    story.transfer(story.a, 5_00)
    yield 17, (19_00, 0, 0, 0, 0, 0, -19_00)
    yield from tell_of_own_accounts(story)


def tell_of_own_accounts(story: Story) -> Iterator[tuple[int, tuple[int, ...]]]:
    one, two = charge(amount=usd(100_00)), charge(amount=usd(57_50), tip=usd(7_50))
    story.tell(story.square_b, one, two)
    yield 18, (19_00, 0, 0, 30_00, 0, 0, -49_00)
    story.tell(story.square_b, about(one, Kind.REFUND, amount=usd(30_00)))
    yield 19, (19_00, 0, 0, 24_00, 0, 0, -43_00)
    rent_a_chair(story)
    yield 20, (19_00, 0, 0, 179_00, 0, 0, -43_00)
    collection = story.collect(1)
    assert (collection.amount, collection.line_count) == (usd(179_00), 5)
    yield 21, (19_00, 0, 0, 179_00, 0, 0, -43_00)
    reference = story.debit(collection)
    yield 22, (19_00, 0, 0, 179_00, 0, 0, -43_00)
    debit = charge(our_reference=reference, amount=usd(179_00), fee=usd(80))
    story.tell(story.platform, debit)
    yield 23, (197_20, 0, 0, 0, 0, 0, -43_00)
    story.tell(story.platform, about(debit, Kind.DISPUTE, fee=usd(4_00)))
    yield 24, (14_20, 0, 0, 179_00, 0, 0, -43_00)
    pay_by_hand(collection=collection, reference="wire 7", by=BY, now=NOON + 3 * WEEK)
    yield 25, (14_20, 0, 0, 0, 0, 0, -43_00)
    after = story.tell(story.square_b, about(one, Kind.REFUND, amount=usd(30_00)))
    yield 26, (14_20, 0, 0, -6_00, 0, 0, -37_00)
    story.tell(story.square_b, about(two, Kind.DISPUTE))
    yield 27, (14_20, 0, 0, -16_00, 0, 0, -27_00)
    story.tell(story.square_b, about(two, Kind.DISPUTE_WON))
    yield 28, (14_20, 0, 0, -6_00, 0, 0, -37_00)
    story.tell(story.square_b, about(after, Kind.REFUND_FAILED))
    yield 29, (14_20, 0, 0, 0, 0, 0, -43_00)
    fee: dict[str, Any] = {"amount": usd(29_00), "reference": "2026-06", "reason": "June"}
    charge_platform_fee(barber=story.b, **fee, by=BY, now=NOON)
    uncollected = story.collect(2)
    yield 30, (14_20, 0, 0, 29_00, 0, 0, -43_00)
    waive_collection(collection=uncollected, reason="A hard month.", by=BY, now=NOON + 3 * WEEK)
    yield 31, (14_20, 0, 0, 0, 0, 0, -43_00)
    leg = create_leg(story.square_b, story.b, amount=usd(15), rate=Decimal(10))
    small = charge(our_reference=leg.public_id, amount=usd(15))
    story.tell(story.square_b, small)
    for _ in range(3):
        story.tell(story.square_b, about(small, Kind.REFUND, amount=usd(5)))
    yield 32, (14_20, 0, 0, 0, 0, 0, -43_00)
    yield from tell_of_a_split(story)


def rent_a_chair(story: Story) -> None:
    create_rent_plan(
        barber=story.b,
        amount=usd(150_00),
        frequency="weekly",
        starts_on=NOON.date(),
        by=BY,
        now=NOON,
    )
    accrue_rent(by=BY, now=NOON + timedelta(days=6))
    late: dict[str, Any] = {"amount": usd(5_00), "reference": "col_1", "reason": "late"}
    charge_late_fee(barber=story.b, **late, by=BY, now=NOON)


def tell_of_a_split(story: Story) -> Iterator[tuple[int, tuple[int, ...]]]:
    legs = create_split(story.platform, story.square_h, story.h)
    part = charge(our_reference=legs[1].public_id, amount=usd(15_00), fee=usd(74))
    main = charge(our_reference=legs[0].public_id, amount=usd(60_00))
    story.tell(story.platform, part)
    story.tell(story.square_h, main)
    yield 33, (28_46, 0, 0, 0, 0, 0, -58_00)
    story.tell(story.platform, about(part, Kind.REFUND, amount=usd(6_00)))
    story.tell(story.square_h, about(main, Kind.REFUND, amount=usd(24_00)))
    yield 34, (22_46, 0, 0, 0, 0, 0, -52_00)
    story.tell(story.square_h, about(main, Kind.REFUND, amount=usd(12_00)))
    yield 35, (22_46, 0, 0, 0, 0, -2_40, -49_60)
    story.carry_over(story.h)
    yield 36, (22_46, 0, -2_40, 0, 0, 0, -49_60)
    story.transfer(story.h, 2_40)
    yield 37, (20_06, 0, 0, 0, 0, 0, -49_60)
    story.sell(story.h, 40_00, fee=usd(1_46))
    yield 38, (58_60, 0, -30_54, 0, 0, 0, -57_60)
    story.tell(story.platform, charge(kind=Kind.BANK_PAYOUT, amount=usd(20_00)))
    yield 39, (38_60, 0, -30_54, 0, 0, 0, -57_60)
    story.tell(story.platform, charge(kind=Kind.PROCESSOR_CHARGE, amount=usd(2_00)))
    yield 40, (36_60, 0, -30_54, 0, 0, 0, -57_60)
    story.convert(10_00)
    yield 41, (26_60, 0, -30_54, 0, 0, 0, -57_60)
    stray = story.tell(story.platform, charge(amount=usd(50_00)))
    yield 42, (76_60, 0, -30_54, 0, 0, 0, -57_60)
    story.explain(stray, story.h)
    yield 43, (76_60, 0, -70_54, 0, 0, 0, -67_60)


BY_HAND = 41


def test_the_balances_after_each_step():
    story = Story()

    for step, balances in tell(story):
        assert (step, story.get_balances()) == (step, balances)
        assert get_failed_checks() == ({"clearing_equals_movements"} if step >= BY_HAND else set())

    rest = {"rent": -150_00, "charges": -34_00, "waived": 29_00, "processing_fees": 7_54}
    assert rest.items() <= get_balances().items()
    assert "suspense" not in get_balances()
    commission = Accrual.objects.filter(kind="commission")
    assert sum(commission.values_list("amount_minor", flat=True)) == 24_00 - 2_40
