"""A year of three barbers, told with the real operations; the balances after each step.

What collections, rent and netting book belongs to other operations: those steps post by hand,
against `bank`, so that the balances stand where the story has them.
"""

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from itertools import count

import pytest

from bookedbarber.accounts.models import Barber
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

_numbers = count(10**9)


class Story:
    """Barbers a (centralized), b (decentralized) and h (hybrid), and their books."""

    def __init__(self) -> None:
        self.platform = factories.create_platform_connection()
        self.a, self.b, self.h = (factories.create_barber() for _ in range(3))
        self.square_b = factories.create_connection(self.b)
        self.square_h = factories.create_connection(self.h)

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

    def by_hand(self, *entries: tuple[Code, Barber | None, int]) -> None:
        lines = [
            Entry(
                code,
                usd(minor),
                barber.pk if barber else 0,
                self.platform.pk if code == Code.CLEARING else 0,
            )
            for code, barber, minor in entries
        ]
        lines.append(Entry(Code.BANK, usd(-sum(minor for _, _, minor in entries))))
        posting = Posting(
            environment="sandbox",
            kind="by_hand",
            source_type=PostingSource.ACCRUAL,
            source_id=next(_numbers),
            occurred_at=NOON,
            entries=tuple(line for line in lines if line.amount),
        )
        post([posting], by=BY, now=NOON)

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
    story.by_hand((Code.PAYABLE, story.a, -15_00), (Code.RECEIVABLE, story.a, 15_00))
    yield 14, (4_00, 0, 0, 0, 15_00, 0, -19_00)
    story.tell(story.platform, about(payout, Kind.TRANSFER_REVERSED, amount=usd(20_00)))
    yield 15, (24_00, -20_00, 0, 0, 15_00, 0, -19_00)
    story.by_hand((Code.PAYABLE, story.a, 15_00), (Code.RECEIVABLE, story.a, -15_00))
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
    story.by_hand((Code.RECEIVABLE, story.b, 155_00))
    yield 20, (19_00, 0, 0, 179_00, 0, 0, -43_00)
    # The debit came, went back with a fee of 4.00, and was paid by hand.
    story.by_hand((Code.RECEIVABLE, story.b, -179_00), (Code.CLEARING, None, -80 - 4_00))
    yield 25, (14_20, 0, 0, 0, 0, 0, -43_00)
    after = story.tell(story.square_b, about(one, Kind.REFUND, amount=usd(30_00)))
    yield 26, (14_20, 0, 0, -6_00, 0, 0, -37_00)
    story.tell(story.square_b, about(two, Kind.DISPUTE))
    yield 27, (14_20, 0, 0, -16_00, 0, 0, -27_00)
    story.tell(story.square_b, about(two, Kind.DISPUTE_WON))
    yield 28, (14_20, 0, 0, -6_00, 0, 0, -37_00)
    story.tell(story.square_b, about(after, Kind.REFUND_FAILED))
    yield 29, (14_20, 0, 0, 0, 0, 0, -43_00)
    leg = create_leg(story.square_b, story.b, amount=usd(15), rate=Decimal(10))
    small = charge(our_reference=leg.public_id, amount=usd(15))
    story.tell(story.square_b, small)
    for _ in range(3):
        story.tell(story.square_b, about(small, Kind.REFUND, amount=usd(5)))
    yield 32, (14_20, 0, 0, 0, 0, 0, -43_00)
    yield from tell_of_a_split(story)


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
    story.by_hand((Code.RECEIVABLE, story.h, 2_40), (Code.PAYABLE, story.h, -2_40))
    yield 36, (22_46, 0, -2_40, 0, 0, 0, -49_60)
    story.transfer(story.h, 2_40)
    yield 37, (20_06, 0, 0, 0, 0, 0, -49_60)
    story.sell(story.h, 40_00, fee=usd(1_46))
    yield 38, (58_60, 0, -30_54, 0, 0, 0, -57_60)
    story.tell(story.platform, charge(kind=Kind.BANK_PAYOUT, amount=usd(20_00)))
    yield 39, (38_60, 0, -30_54, 0, 0, 0, -57_60)
    story.tell(story.platform, charge(kind=Kind.PROCESSOR_CHARGE, amount=usd(2_00)))
    yield 40, (36_60, 0, -30_54, 0, 0, 0, -57_60)
    story.by_hand((Code.CLEARING, None, -10_00))
    yield 41, (26_60, 0, -30_54, 0, 0, 0, -57_60)
    stray = story.tell(story.platform, charge(amount=usd(50_00)))
    yield 42, (76_60, 0, -30_54, 0, 0, 0, -57_60)
    story.explain(stray, story.h)
    yield 43, (76_60, 0, -70_54, 0, 0, 0, -67_60)


FIRST_BY_HAND = 14
# What is posted by hand has no accrual and no movement behind it.
BY_HAND = {"receivable_equals_what_is_owed", "clearing_equals_movements", "payable_equals_sales"}


def test_the_balances_after_each_step():
    story = Story()

    for step, balances in tell(story):
        assert (step, story.get_balances()) == (step, balances)
        assert get_failed_checks() <= (BY_HAND if step >= FIRST_BY_HAND else set())

    assert get_balances()["processing_fees"] == 74 + 2_00
    assert "suspense" not in get_balances()
    commission = Accrual.objects.filter(kind="commission")
    assert sum(commission.values_list("amount_minor", flat=True)) == 24_00 - 2_40
