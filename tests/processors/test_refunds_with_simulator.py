"""Refunds by the adapters with the vendors' real SDKs against the simulator, over HTTP."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bookedbarber.foundation.ids import new_public_id
from bookedbarber.foundation.money import Money
from processors import registry
from processors.contract import (
    ChargeRequest,
    Charges,
    MovementKind,
    MovementState,
    PaymentMethodKind,
    RefundRequest,
    Refunds,
    RefundState,
)
from processors.errors import AnswerLost, CredentialsRefused, RequestRefused
from tests.processors.contract_cases import each_processor, samples_of
from tests.simulation import SimulatedAccount


@pytest.fixture
def account(processor: str, simulator) -> SimulatedAccount:
    return simulator.create_account(processor, country="US")


@pytest.fixture
def refunds(account: SimulatedAccount) -> Refunds:
    return registry.get_adapter(account.get_access(), Refunds)


@pytest.fixture
def request_(processor: str, account: SimulatedAccount) -> RefundRequest:
    """To give back 30.00 of 75.00."""
    return a_request(processor, account)


def a_request(processor: str, account: SimulatedAccount, **changes: Any) -> RefundRequest:
    charged = registry.get_adapter(account.get_access(), Charges).charge(
        ChargeRequest(
            reference=new_public_id("leg"),
            amount=Money(75_00, "USD"),
            tip=Money.zero("USD"),
            payment_token=samples_of(processor).PAYMENT_TOKEN,
        )
    )
    request = RefundRequest(
        reference=new_public_id("ref"),
        payment_external_id=charged.external_id,
        amount=Money(30_00, "USD"),
        reason="The fringe is gone",
    )
    return replace(request, **changes)


def refunded(simulator, account: SimulatedAccount) -> list[tuple[str, int]]:
    journal = simulator.journal(account.account_id)
    return [(row["object_id"], row["amount_minor"]) for row in journal if row["kind"] == "refund"]


@each_processor
def test_a_refund_moves_what_it_says(refunds, request_, account, simulator):
    statement = refunds.refund(request_)

    [moved] = statement.movements
    assert statement.state == RefundState.SUCCEEDED
    assert (moved.kind, moved.state) == (MovementKind.REFUND, MovementState.COMPLETED)
    assert moved.external_id == statement.external_id
    assert (moved.amount, moved.fee) == (Money(30_00, "USD"), Money(0, "USD"))
    assert moved.method is PaymentMethodKind.CARD
    assert (statement.our_reference, statement.reason) == (request_.reference, request_.reason)
    assert moved.group_id == statement.payment_external_id == request_.payment_external_id
    charge, _ = simulator.journal(account.account_id)
    assert moved.parent_external_id == charge["object_id"]
    assert refunded(simulator, account) == [(moved.external_id, -30_00)]


@each_processor
def test_the_same_request_twice_refunds_once(refunds, request_, account, simulator):
    first, second = refunds.refund(request_), refunds.refund(request_)

    assert first == second
    assert len(refunded(simulator, account)) == 1


@each_processor
def test_a_reference_reused_for_another_amount_is_not_a_refusal(refunds, request_):
    refunds.refund(request_)

    with pytest.raises(AnswerLost):
        refunds.refund(replace(request_, amount=Money(1_00, "USD")))


@each_processor
def test_more_than_is_left_is_refused(refunds, request_, account, simulator):
    refunds.refund(request_)
    more = replace(request_, reference=new_public_id("ref"), amount=Money(45_01, "USD"))

    with pytest.raises(RequestRefused):
        refunds.refund(more)

    assert len(refunded(simulator, account)) == 1


@each_processor
def test_a_refund_of_nothing_known_is_refused(refunds, request_):
    unknown = {"pi_unknown", request_.payment_external_id[::-1]}

    for payment_id in unknown:
        with pytest.raises(RequestRefused):
            refunds.refund(replace(request_, payment_external_id=payment_id))


@each_processor
def test_a_wrong_secret_is_refused(account, request_):
    wrong = registry.get_adapter(replace(account, secret="sim_wrong").get_access(), Refunds)

    with pytest.raises(CredentialsRefused):
        wrong.refund(request_)


@each_processor
def test_a_pending_refund_is_asked_about_by_its_name(processor, simulator):
    account = simulator.create_account(processor, refund_delay_seconds=3600)
    adapter = registry.get_adapter(account.get_access(), Refunds)
    request = a_request(processor, account)

    pending = adapter.refund(request)
    simulator.advance(3700)
    later = adapter.retrieve_refund(pending.external_id, request)

    assert (pending.state, later.state) == (RefundState.PENDING, RefundState.SUCCEEDED)
    assert [moved.kind for moved in later.movements] == [MovementKind.REFUND]
    assert later.version > pending.version


@each_processor
def test_it_is_found_by_our_reference_among_others(refunds, request_, simulator):
    since = simulator.now() - timedelta(minutes=1)
    refunds.refund(replace(request_, reference=new_public_id("ref"), amount=Money(5_00, "USD")))
    made = refunds.refund(request_)
    refunds.refund(replace(request_, reference=new_public_id("ref"), amount=Money(6_00, "USD")))

    assert refunds.find_refund(request_, since=since) == made
    unsent = replace(request_, reference=new_public_id("ref"))
    assert refunds.find_refund(unsent, since=since) is None


@each_processor
def test_our_reference_on_another_amount_is_not_believed(refunds, request_, simulator):
    refunds.refund(request_)
    other = replace(request_, amount=Money(31_00, "USD"))

    with pytest.raises(AnswerLost):
        refunds.find_refund(other, since=simulator.now() - timedelta(minutes=1))


@each_processor
@pytest.mark.parametrize("fault", ["other_amount", "other_currency", "other_object"])
def test_an_answer_about_something_else_is_not_believed(
    fault, refunds, request_, account, simulator
):
    simulator.add_fault(fault, account_id=account.account_id, operation="refund")

    with pytest.raises(AnswerLost):
        refunds.refund(request_)


@each_processor
def test_a_refund_that_is_not_ours_is_read_without_a_request(refunds, request_):
    made = refunds.refund(request_)

    assert refunds.retrieve_refund(made.external_id) == made
    assert refunds.retrieve_refund(made.external_id, replace(request_, reference="")) == made
