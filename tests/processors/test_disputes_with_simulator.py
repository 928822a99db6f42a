"""Disputes of both processors through the real SDKs against the simulator."""

import pytest

from bookedbarber.foundation.ids import new_public_id
from bookedbarber.foundation.money import Money
from processors import registry
from processors.contract import (
    ChargeRequest,
    Charges,
    Disputes,
    DisputeState,
    MovementKind,
)
from processors.errors import RequestRefused
from tests.processors.contract_cases import each_processor, samples_of
from tests.simulation import SimulatedAccount

UNKNOWN_IDS = {"stripe": "dp_unknown", "square": "UNKNOWN"}


@pytest.fixture
def account(processor: str, simulator) -> SimulatedAccount:
    return simulator.create_account(processor)


@pytest.fixture
def disputes(account) -> Disputes:
    return registry.get_adapter(account.get_access(), Disputes)


@pytest.fixture
def charge_id(processor, account) -> str:
    charges = registry.get_adapter(account.get_access(), Charges)
    request = ChargeRequest(
        reference=new_public_id("leg"),
        amount=Money(75_00, "USD"),
        tip=Money.zero("USD"),
        payment_token=samples_of(processor).PAYMENT_TOKEN,
    )
    movement = charges.charge(request).movement
    assert movement is not None
    return movement.external_id


@each_processor
def test_a_dispute_is_read_with_charge_amount_and_deadline(disputes, simulator, charge_id):
    opened = simulator.act("disputes", payment=charge_id, amount_minor=30_00)

    statement = disputes.retrieve_dispute(opened["id"])

    assert statement.state == DisputeState.NEEDS_RESPONSE
    assert (statement.amount, statement.charge_external_id) == (Money(30_00, "USD"), charge_id)
    assert statement.due_by is not None
    assert statement.reason


@each_processor
@pytest.mark.parametrize(
    ("acts", "state"),
    [
        (["submit_evidence"], DisputeState.UNDER_REVIEW),
        (["submit_evidence", "win"], DisputeState.WON),
        (["submit_evidence", "lose"], DisputeState.LOST),
        (["accept"], DisputeState.LOST),
    ],
)
def test_a_dispute_goes_its_way_with_rising_versions(disputes, simulator, charge_id, acts, state):
    opened = simulator.act("disputes", payment=charge_id)
    versions = [disputes.retrieve_dispute(opened["id"]).version]

    for act in acts:
        simulator.act(f"disputes/{opened['id']}/{act}")
        statement = disputes.retrieve_dispute(opened["id"])
        versions.append(statement.version)

    assert statement.state == state
    assert versions == sorted(set(versions))


@each_processor
def test_an_inquiry_may_close_or_become_a_dispute(disputes, simulator, charge_id):
    opened = simulator.act("disputes", payment=charge_id, is_inquiry=True)
    inquiry = disputes.retrieve_dispute(opened["id"])
    simulator.act(f"disputes/{opened['id']}/escalate")
    dispute = disputes.retrieve_dispute(opened["id"])

    assert (inquiry.state, inquiry.movements) == (DisputeState.INQUIRY, ())
    assert dispute.state == DisputeState.NEEDS_RESPONSE
    assert inquiry.version < dispute.version


@pytest.mark.parametrize("processor", ["stripe"])
def test_money_that_stripe_took_and_gave_back_is_there(disputes, simulator, charge_id):
    opened = simulator.act("disputes", payment=charge_id)
    simulator.act(f"disputes/{opened['id']}/submit_evidence")
    simulator.act(f"disputes/{opened['id']}/win", fee_returned_minor=15_00)

    movements = disputes.retrieve_dispute(opened["id"]).movements

    assert [(one.kind, one.amount, one.fee) for one in movements] == [
        (MovementKind.DISPUTE, Money(75_00, "USD"), Money(15_00, "USD")),
        (MovementKind.DISPUTE_WON, Money(75_00, "USD"), Money(-15_00, "USD")),
    ]
    assert {one.parent_external_id for one in movements} == {charge_id}


@each_processor
def test_a_dispute_that_does_not_exist_is_refused(processor, disputes):
    with pytest.raises(RequestRefused):
        disputes.retrieve_dispute(UNKNOWN_IDS[processor])
