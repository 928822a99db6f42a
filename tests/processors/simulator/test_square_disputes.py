"""Disputes at Square: what banks, sellers and the clock do, and the money it moves."""

import json
from typing import Any

import pytest
from square.core.api_error import ApiError

from tests.processors.simulator.conftest import Sandbox, square_sale
from tests.processors.simulator.receiver import WebhookReceiver


class Case:
    """A sale of 75.00 and a dispute of it."""

    def __init__(self, sandbox: Sandbox, **terms: Any) -> None:
        self.sandbox = sandbox
        self.account = sandbox.put_account("square")
        self.client = sandbox.square_client(self.account.secret)
        self.payment = self.client.payments.create(**square_sale(reference_id="leg_1")).payment
        answer = sandbox.doors.post("disputes", json={"payment": self.payment.id, **terms})
        assert answer.status_code == 201, answer.text
        self.id = answer.json()["id"]

    def act(self, act: str) -> Any:
        answer = self.sandbox.doors.post(f"disputes/{self.id}/{act}", json={})
        assert answer.status_code == 200, answer.text
        return self.read()

    def read(self) -> Any:
        return self.client.disputes.get(self.id).dispute

    def moved(self) -> list[tuple[str, int]]:
        rows = self.sandbox.movements(self.account)[1:]
        return [(row["kind"], row["amount_minor"]) for row in rows]


@pytest.fixture
def case(sandbox: Sandbox) -> Case:
    return Case(sandbox)


def test_a_dispute_shows_its_payment_and_takes_the_amount(case: Case) -> None:
    dispute = case.read()

    assert (dispute.state, dispute.version) == ("EVIDENCE_REQUIRED", 1)
    assert (dispute.amount_money.amount, dispute.reason) == (7500, "NO_KNOWLEDGE")
    assert dispute.disputed_payment.payment_id == case.payment.id
    assert case.moved() == [("dispute", -7500)]
    row = case.sandbox.movements(case.account)[-1]
    assert (row["source_id"], row["reference"]) == (case.payment.id, "leg_1")
    assert json.loads(row["activity"])["type_dispute_details"]["dispute_id"] == case.id
    assert case.client.payments.get(case.payment.id).payment == case.payment


def test_every_state_is_a_new_version(case: Case) -> None:
    states = [case.act(act) for act in ("submit_evidence", "win")]

    assert [(each.state, each.version) for each in states] == [("PROCESSING", 2), ("WON", 3)]
    assert case.moved() == [("dispute", -7500), ("dispute_won", 7500)]


def test_a_second_round_turns_the_outcome(case: Case) -> None:
    states = [case.act(act).state for act in ("win", "reopen", "lose", "win", "lose")]

    assert states == ["WON", "EVIDENCE_REQUIRED", "LOST", "WON", "LOST"]
    assert sum(amount for _, amount in case.moved()) == -7500


def test_the_seller_accepts_or_hands_in_evidence(sandbox: Sandbox) -> None:
    case, other = Case(sandbox), Case(sandbox)

    accepted = case.client.disputes.accept(case.id).dispute
    sent = other.client.disputes.submit_evidence(other.id)

    assert (accepted.state, sent.dispute.state) == ("ACCEPTED", "PROCESSING")
    with pytest.raises(ApiError):
        case.client.disputes.accept(case.id)
    with pytest.raises(ApiError) as unknown:
        case.client.disputes.get("none")
    assert unknown.value.status_code == 404


def test_an_inquiry_is_processed_and_closed(sandbox: Sandbox) -> None:
    case = Case(sandbox, is_inquiry=True, amount_minor=2500, reason="DUPLICATE")
    states = [case.read().state, case.act("submit_evidence").state, case.act("close").state]

    assert states == ["INQUIRY_EVIDENCE_REQUIRED", "INQUIRY_PROCESSING", "INQUIRY_CLOSED"]
    assert case.moved() == []
    assert case.act("escalate").state == "EVIDENCE_REQUIRED"
    assert case.moved() == [("dispute", -2500)]


def test_who_does_not_answer_in_time_has_lost(own_sandbox: Sandbox) -> None:
    case = Case(own_sandbox, due_in_seconds=60)
    inquiry = Case(own_sandbox, due_in_seconds=60, is_inquiry=True)

    own_sandbox.advance(61)

    assert (case.read().state, inquiry.read().state) == ("LOST", "INQUIRY_CLOSED")


def test_a_disputed_payment_is_not_refunded(case: Case) -> None:
    refund: Any = {
        "idempotency_key": "r1",
        "payment_id": case.payment.id,
        "amount_money": {"amount": 100, "currency": "USD"},
    }

    with pytest.raises(ApiError) as refused:
        case.client.refunds.refund_payment(**refund)
    case.act("win")

    assert refused.value.errors[0].code == "PAYMENT_NOT_REFUNDABLE_DUE_TO_DISPUTE"
    assert case.client.refunds.refund_payment(**refund).refund.status == "COMPLETED"


def test_disputes_are_listed_by_state(case: Case) -> None:
    disputes = case.client.disputes

    assert [each.id for each in disputes.list()] == [case.id]
    assert [each.id for each in disputes.list(states="EVIDENCE_REQUIRED")] == [case.id]
    assert list(disputes.list(states="WON")) == []


def test_disputes_are_told(sandbox: Sandbox, receiver: WebhookReceiver) -> None:
    types = ["dispute.created", "dispute.state.updated"]
    hook = {"url": receiver.url, "secret": "key", "events": types}
    account = sandbox.put_account("square", webhook=hook)
    payment: Any = sandbox.square_client(account.secret).payments.create(**square_sale()).payment
    dispute = sandbox.doors.post("disputes", json={"payment": payment.id}).json()
    sandbox.doors.post(f"disputes/{dispute['id']}/lose", json={})

    events = [json.loads(each.body) for each in receiver.wait_for(2)]

    told = {event["type"]: event["data"]["object"]["dispute"]["state"] for event in events}
    assert told == {"dispute.created": "EVIDENCE_REQUIRED", "dispute.state.updated": "LOST"}
    assert {event["data"]["type"] for event in events} == {"dispute"}
    assert {event["location_id"] for event in events} == {payment.location_id}


def test_cash_is_not_disputed(sandbox: Sandbox) -> None:
    client = sandbox.new_square()
    cash = {"buyer_supplied_money": {"amount": 7500, "currency": "USD"}}
    payment = client.payments.create(**square_sale(source_id="CASH", cash_details=cash)).payment

    assert sandbox.doors.post("disputes", json={"payment": payment.id}).status_code == 409
