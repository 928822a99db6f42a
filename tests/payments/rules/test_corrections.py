"""A correction's movements sum to the processor's word."""

from hypothesis import given
from hypothesis import strategies as st

from payments.rules.corrections import plan_correction
from payments.rules.differences import Figures

amounts = st.integers(1, 500)


@st.composite
def figures(draw, states=("completed", "failed")):
    amount = draw(amounts)
    return Figures(
        state=draw(st.sampled_from(states)),
        amount_minor=amount,
        tip_minor=draw(st.integers(0, amount - 1)),
        fee_minor=draw(st.none() | st.integers(0, 40)),
        currency=draw(st.sampled_from(["USD", "CAD"])),
    )


def sum_up(side, currency):
    """What a side counts in one currency: amount and fee."""
    if side is None or not side.is_completed or side.currency != currency:
        return 0, 0
    return side.amount_minor, side.fee_minor or 0


@given(figures(), st.none() | figures(), st.booleans())
def test_ours_and_the_correction_are_theirs(ours, theirs, is_whole):
    plan = plan_correction(ours, theirs, is_whole=is_whole)

    for currency in ("USD", "CAD"):
        amount, fee = sum_up(ours, currency)
        for part, sign in ((plan.taken_back, -1), (plan.added, 1)):
            if part is not None and part.amount.currency == currency:
                amount += sign * part.amount.amount_minor
                fee += part.fee.amount_minor if part.fee else 0
        wanted, wanted_fee = sum_up(theirs, currency)
        assert amount == wanted
        fee_is_known = theirs is None or theirs.fee_minor is not None or not theirs.is_completed
        if fee_is_known or is_whole or theirs.currency != ours.currency:
            assert fee == wanted_fee


@given(figures(), figures())
def test_no_part_is_of_nothing(ours, theirs):
    plan = plan_correction(ours, theirs)

    parts = [part for part in (plan.taken_back, plan.added) if part is not None]
    assert all(part.amount.amount_minor > 0 for part in parts)
    assert all(0 <= part.tip.amount_minor <= part.amount.amount_minor for part in parts)
