"""What a payment needs next, from its legs alone."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payments.rules.steps import (
    Act,
    LegFacts,
    Step,
    decide_next_step,
    get_payment_state,
    must_be_given_back,
)
from payments.states import LegOperation, LegRole, LegState, PaymentState

MAIN = LegFacts(
    role=LegRole.MAIN, state=LegState.AUTHORIZED, operation=LegOperation.AUTHORIZE, is_two_step=True
)
COMMISSION = replace(MAIN, role=LegRole.COMMISSION)


def held(leg):
    return replace(leg, state=LegState.AUTHORIZED)


def captured(leg):
    return replace(leg, state=LegState.CAPTURED, operation=LegOperation.CAPTURE)


def refused(leg):
    return replace(leg, state=LegState.FAILED, is_refused=True)


def released(leg):
    return replace(leg, state=LegState.VOIDED, operation=LegOperation.VOID)


def unknown(leg):
    return replace(leg, state=LegState.UNKNOWN)


NEXT_STEPS = {
    "the second half is authorized when the first is held": (
        [held(MAIN)],
        Step(Act.AUTHORIZE_COMMISSION, LegRole.COMMISSION),
    ),
    "the platform's half is captured first": (
        [held(MAIN), held(COMMISSION)],
        Step(Act.CAPTURE, LegRole.COMMISSION),
    ),
    "the barber's half is captured once the platform's is": (
        [held(MAIN), captured(COMMISSION)],
        Step(Act.CAPTURE, LegRole.MAIN),
    ),
    "a refused second half releases the first": (
        [held(MAIN), refused(COMMISSION)],
        Step(Act.VOID, LegRole.MAIN),
    ),
    "a first half that was lost releases the second": (
        [released(MAIN), held(COMMISSION)],
        Step(Act.VOID, LegRole.COMMISSION),
    ),
    "a hold that is being given up is released, not captured": (
        [replace(held(MAIN), operation=LegOperation.VOID), held(COMMISSION)],
        Step(Act.VOID, LegRole.COMMISSION),
    ),
    "nothing follows when both are captured": ([captured(MAIN), captured(COMMISSION)], None),
    "nothing follows when the first half was refused": ([refused(MAIN)], None),
    "nothing is tried while the second half is unknown": ([held(MAIN), unknown(COMMISSION)], None),
    "nothing is tried while the first half is unknown": ([unknown(MAIN)], None),
    "nothing is released while the other capture is unknown": (
        [unknown(captured(MAIN)), replace(held(COMMISSION), operation=LegOperation.VOID)],
        None,
    ),
    "nothing is tried while a capture is under way": (
        [held(MAIN), replace(held(COMMISSION), is_in_flight=True)],
        None,
    ),
    "a whole sale needs nothing more": ([replace(captured(MAIN), is_two_step=False)], None),
}


@pytest.mark.parametrize(("legs", "step"), NEXT_STEPS.values(), ids=NEXT_STEPS.keys())
def test_next_step(legs, step):
    assert decide_next_step(legs) == step


STATES = {
    "an unknown half makes the payment unknown": (
        [held(MAIN), unknown(COMMISSION)],
        PaymentState.UNKNOWN,
    ),
    "a payment is under way while only one half is held": ([held(MAIN)], PaymentState.PROCESSING),
    "a payment is under way while one half is captured": (
        [held(MAIN), captured(COMMISSION)],
        PaymentState.PROCESSING,
    ),
    "both halves captured complete it": (
        [captured(MAIN), captured(COMMISSION)],
        PaymentState.COMPLETED,
    ),
    "a refused half fails it": ([released(MAIN), refused(COMMISSION)], PaymentState.FAILED),
    "it is still under way while the first half is to be released": (
        [held(MAIN), refused(COMMISSION)],
        PaymentState.PROCESSING,
    ),
    "two released halves cancel it": (
        [released(MAIN), released(COMMISSION)],
        PaymentState.CANCELED,
    ),
    "half a sale that must be given back failed": (
        [released(MAIN), captured(COMMISSION)],
        PaymentState.FAILED,
    ),
    "the first half alone is no sale": ([captured(MAIN)], PaymentState.PROCESSING),
}


@pytest.mark.parametrize(("legs", "state"), STATES.values(), ids=STATES.keys())
def test_state_of_payment(legs, state):
    assert get_payment_state(legs) == state


def test_only_the_captured_half_of_a_broken_sale_is_given_back():
    assert must_be_given_back([refused(MAIN), captured(COMMISSION)]) == {LegRole.COMMISSION}
    assert must_be_given_back([captured(MAIN), captured(COMMISSION)]) == frozenset()
    assert must_be_given_back([held(MAIN), captured(COMMISSION)]) == frozenset()


# What a processor may make of each call.
AUTHORIZED = st.sampled_from([LegState.AUTHORIZED, LegState.FAILED, LegState.UNKNOWN])
CAPTURED = st.sampled_from([LegState.CAPTURED, LegState.VOIDED, LegState.UNKNOWN])
VOIDED = st.sampled_from([LegState.VOIDED, LegState.CAPTURED, LegState.UNKNOWN])
OUTCOMES = {
    LegOperation.AUTHORIZE: AUTHORIZED,
    LegOperation.CAPTURE: CAPTURED,
    LegOperation.VOID: VOIDED,
}


@given(st.data())
def test_however_its_calls_end_a_split_sale_ends_whole_or_undone(data):
    legs = {LegRole.MAIN: submit(MAIN)}
    for _ in range(20):
        in_flight = next((leg for leg in legs.values() if leg.state == "submitted"), None)
        if in_flight is None:
            break
        outcome = data.draw(OUTCOMES[in_flight.operation])
        while outcome == LegState.UNKNOWN:
            # Nothing else is tried until the processor has been asked.
            legs[in_flight.role] = replace(in_flight, state=outcome)
            assert decide_next_step(list(legs.values())) is None
            assert get_payment_state(list(legs.values())) == PaymentState.UNKNOWN
            outcome = data.draw(OUTCOMES[in_flight.operation])
        legs[in_flight.role] = replace(
            in_flight, state=outcome, is_refused=outcome == LegState.FAILED
        )
        take(decide_next_step(list(legs.values())), legs)
    state = get_payment_state(list(legs.values()))
    taken = {role for role, leg in legs.items() if leg.state == LegState.CAPTURED}
    if state == PaymentState.COMPLETED:
        assert taken == {LegRole.MAIN, LegRole.COMMISSION}
    else:
        assert state in {PaymentState.FAILED, PaymentState.CANCELED}
        assert taken == must_be_given_back(list(legs.values()))


def submit(leg):
    return replace(leg, state=LegState.SUBMITTED)


def take(step, legs):
    if step is None:
        return
    if step.act == Act.AUTHORIZE_COMMISSION:
        legs[LegRole.COMMISSION] = submit(COMMISSION)
        return
    operation = LegOperation.VOID if step.act == Act.VOID else LegOperation.CAPTURE
    legs[step.role] = submit(replace(legs[step.role], operation=operation))
