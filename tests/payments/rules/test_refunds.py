"""Sharing refunds over the legs of a payment."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payments.rules.refunds import RefundableLeg, share_refund, summarize_refund
from payments.states import RefundState, RefundStatus

COMMISSION, MAIN = 2, 1


def legs(main_minor: int, commission_minor: int, *, returned: dict[int, int] | None = None):
    """A split payment's legs, the main one first as they are in the database."""
    returned = returned or {}
    return [
        RefundableLeg(leg_id=MAIN, amount_minor=main_minor, returned_minor=returned.get(MAIN, 0)),
        RefundableLeg(
            leg_id=COMMISSION,
            amount_minor=commission_minor,
            returned_minor=returned.get(COMMISSION, 0),
            is_commission=True,
        ),
    ]


def test_the_only_leg_gives_everything():
    only = RefundableLeg(leg_id=7, amount_minor=75_00, returned_minor=10_00)

    assert share_refund(30_00, [only]) == {7: 30_00}


def test_each_leg_gives_its_share_the_commission_leg_first():
    assert list(share_refund(30_00, legs(120_00, 30_00)).items()) == [
        (COMMISSION, 6_00),
        (MAIN, 24_00),
    ]


def test_of_equal_remainders_the_commission_leg_gives_the_cent():
    assert share_refund(1, legs(50, 50)) == {COMMISSION: 1}


def test_a_leg_without_a_share_is_left_out():
    assert share_refund(1, legs(120_00, 30_00)) == {MAIN: 1}


def test_a_leg_that_gave_back_more_elsewhere_waits():
    ahead = legs(120_00, 30_00, returned={MAIN: 12_00})

    assert share_refund(10_00, ahead) == {COMMISSION: 4_40, MAIN: 5_60}
    assert share_refund(1_00, ahead) == {COMMISSION: 1_00}


@pytest.mark.parametrize("amount_minor", [0, -1, 151])
def test_what_is_not_there_is_not_shared(amount_minor):
    with pytest.raises(ValueError, match="cannot share"):
        share_refund(amount_minor, legs(120, 30))


amounts = st.lists(st.integers(1, 10_000_00), min_size=1, max_size=4)


@given(amounts, st.data())
def test_any_refund_is_shared_exactly_and_within_each_leg(leg_amounts, data):
    shared = [
        RefundableLeg(
            leg_id=number,
            amount_minor=amount,
            returned_minor=data.draw(st.integers(0, amount)),
            is_commission=number == 0,
        )
        for number, amount in enumerate(leg_amounts)
    ]
    left = sum(leg.left_minor for leg in shared)
    if not left:
        return
    amount_minor = data.draw(st.integers(1, left))

    parts = share_refund(amount_minor, shared)

    assert sum(parts.values()) == amount_minor
    assert all(0 < parts.get(leg.leg_id, 1) <= max(leg.left_minor, 1) for leg in shared)


@given(st.integers(1, 1_000_00), st.integers(1, 1_000_00), st.data())
def test_however_often_it_is_refunded_the_legs_stand_where_one_refund_would_leave_them(
    main_minor, commission_minor, data
):
    returned = {MAIN: 0, COMMISSION: 0}
    left = main_minor + commission_minor
    for _ in range(data.draw(st.integers(1, 6))):
        if not left:
            break
        amount_minor = data.draw(st.integers(1, left))
        for leg_id, minor in share_refund(
            amount_minor, legs(main_minor, commission_minor, returned=returned)
        ).items():
            returned[leg_id] += minor
        left -= amount_minor

    total = sum(returned.values())
    at_once = share_refund(total, legs(main_minor, commission_minor))
    assert returned == {leg_id: at_once.get(leg_id, 0) for leg_id in returned}


S = RefundState


@pytest.mark.parametrize(
    ("states", "status"),
    [
        ([S.SUCCEEDED], RefundStatus.SUCCEEDED),
        ([S.FAILED, S.CANCELED], RefundStatus.FAILED),
        ([S.CANCELED], RefundStatus.CANCELED),
        ([S.SUCCEEDED, S.FAILED], RefundStatus.PARTIALLY_SUCCEEDED),
        ([S.SUCCEEDED, S.PENDING], RefundStatus.PENDING),
        ([S.FAILED, S.SUBMITTED], RefundStatus.PROCESSING),
        ([S.SUBMITTED, S.UNKNOWN, S.PENDING], RefundStatus.UNKNOWN),
    ],
)
def test_what_is_least_certain_is_said_first(states, status):
    assert summarize_refund(states) == status


def test_a_request_without_parts_is_none():
    with pytest.raises(ValueError, match="at least one"):
        summarize_refund([])
