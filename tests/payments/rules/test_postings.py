"""The posting table, one row after the other; every posting sums to zero."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bookedbarber.foundation.money import Money, total
from payments.rules.postings import (
    PlatformMovement,
    Posting,
    post_accrual,
    post_explained,
    post_platform_fee,
    post_platform_movement,
)
from payments.states import AccountCode, PostingSource, Purpose
from payments.states import TransactionKind as Kind

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)


def usd(minor: int) -> Money:
    return Money(minor, "USD")


def sale(gross_minor: int = 75_00, commission_minor: int = 15_00) -> PlatformMovement:
    return PlatformMovement(
        id=40,
        environment="sandbox",
        connection_id=1,
        barber_id=3,
        gross=usd(gross_minor),
        commission=usd(commission_minor),
        occurred_at=NOON,
    )


def owed(amount_minor: int) -> Posting:
    return post_accrual(
        accrual_id=9,
        environment="sandbox",
        barber_id=3,
        amount=usd(amount_minor),
        occurred_at=NOON,
    )


def entries(posting: Posting) -> list[tuple[str, int, int, int]]:
    return [
        (entry.code.value, entry.barber_id, entry.connection_id, entry.amount.amount_minor)
        for entry in posting.entries
    ]


def test_a_sale_on_the_platform() -> None:
    posting = post_platform_movement(sale())

    assert posting.fact == (PostingSource.MOVEMENT, 40, "sale", 1)
    assert entries(posting) == [
        ("clearing", 0, 1, 75_00),
        ("commission", 0, 0, -15_00),
        ("payable", 3, 0, -60_00),
    ]


def test_a_fee_is_the_barbers() -> None:
    posting = post_platform_fee(sale(), usd(2_48), 1)

    assert posting.fact == (PostingSource.MOVEMENT, 40, "fee", 1)
    assert entries(posting) == [("clearing", 0, 1, -2_48), ("payable", 3, 0, 2_48)]


def test_a_corrected_fee_is_a_revision_of_its_own() -> None:
    posting = post_platform_fee(sale(), usd(-8), 2)

    assert posting.fact == (PostingSource.MOVEMENT, 40, "fee", 2)
    assert entries(posting) == [("clearing", 0, 1, 8), ("payable", 3, 0, -8)]


def test_what_nobody_can_explain_rests_on_suspense() -> None:
    posting = post_platform_movement(replace(sale(), purpose=Purpose.UNEXPLAINED))

    assert posting.fact == (PostingSource.MOVEMENT, 40, "unexplained", 1)
    assert entries(posting) == [("clearing", 0, 1, 75_00), ("suspense", 0, 0, -75_00)]


def moved(kind: Kind, purpose: Purpose = Purpose.SALE) -> PlatformMovement:
    """30.00, of which 6.00 are commission."""
    return replace(sale(30_00, 6_00), kind=kind, purpose=purpose)


@pytest.mark.parametrize(
    ("movement", "expected"),
    [
        (
            moved(Kind.REFUND),
            [("clearing", 0, 1, -30_00), ("commission", 0, 0, 6_00), ("payable", 3, 0, 24_00)],
        ),
        (
            moved(Kind.DISPUTE_WON),
            [("clearing", 0, 1, 30_00), ("commission", 0, 0, -6_00), ("payable", 3, 0, -24_00)],
        ),
        (
            moved(Kind.CHARGE, Purpose.COMMISSION),
            [("clearing", 0, 1, 30_00), ("commission", 0, 0, -30_00)],
        ),
        (
            moved(Kind.DISPUTE, Purpose.COMMISSION),
            [("clearing", 0, 1, -30_00), ("commission", 0, 0, 30_00)],
        ),
        (
            moved(Kind.TRANSFER, Purpose.PAYOUT),
            [("clearing", 0, 1, -30_00), ("payable", 3, 0, 30_00)],
        ),
        (
            moved(Kind.TRANSFER_REVERSED, Purpose.PAYOUT),
            [("clearing", 0, 1, 30_00), ("payable", 3, 0, -30_00)],
        ),
        (moved(Kind.BANK_PAYOUT, Purpose.OWN), [("clearing", 0, 1, -30_00), ("bank", 0, 0, 30_00)]),
        (
            moved(Kind.BANK_PAYOUT_FAILED, Purpose.OWN),
            [("clearing", 0, 1, 30_00), ("bank", 0, 0, -30_00)],
        ),
        (
            moved(Kind.PROCESSOR_CHARGE, Purpose.OWN),
            [("clearing", 0, 1, -30_00), ("processing_fees", 0, 0, 30_00)],
        ),
        (
            moved(Kind.CONVERSION_OUT, Purpose.OWN),
            [("clearing", 0, 1, -30_00), ("exchange", 0, 0, 30_00)],
        ),
        (
            moved(Kind.CONVERSION_IN, Purpose.OWN),
            [("clearing", 0, 1, 30_00), ("exchange", 0, 0, -30_00)],
        ),
        (
            moved(Kind.REFUND, Purpose.UNEXPLAINED),
            [("clearing", 0, 1, -30_00), ("suspense", 0, 0, 30_00)],
        ),
    ],
)
def test_each_row_of_the_table(
    movement: PlatformMovement, expected: list[tuple[str, int, int, int]]
) -> None:
    assert entries(post_platform_movement(movement)) == expected


@pytest.mark.parametrize(
    ("purpose", "bearer"),
    [
        (Purpose.SALE, ("payable", 3)),
        (Purpose.COMMISSION, ("processing_fees", 0)),
        (Purpose.OWN, ("processing_fees", 0)),
        (Purpose.UNEXPLAINED, ("processing_fees", 0)),
    ],
)
def test_who_bears_a_fee(purpose: Purpose, bearer: tuple[str, int]) -> None:
    posting = post_platform_fee(moved(Kind.CHARGE, purpose), usd(50), 1)

    assert entries(posting) == [("clearing", 0, 1, -50), (*bearer, 0, 50)]


def test_what_is_explained_leaves_suspense_and_its_fee_the_platform() -> None:
    posting = post_explained(moved(Kind.CHARGE), usd(50))

    assert posting.fact == (PostingSource.MOVEMENT, 40, "explained", 1)
    assert entries(posting) == [
        ("suspense", 0, 0, 30_00),
        ("commission", 0, 0, -6_00),
        ("payable", 3, 0, -24_00),
        ("processing_fees", 0, 0, -50),
        ("payable", 3, 0, 50),
    ]


def test_the_fee_of_an_explained_payout_stays_the_platforms() -> None:
    posting = post_explained(moved(Kind.TRANSFER, Purpose.PAYOUT), usd(50))

    assert entries(posting) == [("suspense", 0, 0, -30_00), ("payable", 3, 0, 30_00)]


def test_commission_of_a_sale_elsewhere_is_owed() -> None:
    posting = owed(15_00)

    assert posting.fact == (PostingSource.ACCRUAL, 9, "accrual", 1)
    assert entries(posting) == [("receivable", 3, 0, 15_00), ("commission", 0, 0, -15_00)]


@pytest.mark.parametrize(
    ("commission_minor", "codes"),
    [(0, ["clearing", "payable"]), (75_00, ["clearing", "commission"])],
)
def test_an_amount_of_zero_is_no_entry(commission_minor: int, codes: list[str]) -> None:
    posting = post_platform_movement(sale(commission_minor=commission_minor))

    assert [entry.code.value for entry in posting.entries] == codes


amounts = st.integers(1, 2000_00)
MAKE: list[Callable[[int, int], Posting]] = [
    *(
        lambda gross, part, kind=kind, purpose=purpose: post_platform_movement(
            replace(sale(gross, part), kind=kind, purpose=purpose)
        )
        for kind in Kind
        for purpose in Purpose
    ),
    lambda gross, part: post_explained(sale(gross, part), usd(part - 1)),
    lambda gross, part: post_platform_movement(sale(gross, part)),
    lambda gross, part: post_platform_fee(sale(gross), usd(part - gross), 2),
    lambda gross, _: post_platform_movement(replace(sale(gross), purpose=Purpose.UNEXPLAINED)),
    lambda gross, _: owed(gross),
    lambda gross, _: owed(-gross),
]


@given(st.sampled_from(MAKE), amounts, st.data())
def test_every_posting_sums_to_zero(
    make: Callable[[int, int], Posting], gross: int, data: st.DataObject
) -> None:
    posting = make(gross, data.draw(st.integers(0, gross)))

    assert total((entry.amount for entry in posting.entries), "USD") == usd(0)
    assert all(isinstance(entry.code, AccountCode) for entry in posting.entries)
    assert posting.occurred_at == NOON
