"""Disputes at Stripe: what banks, sellers and the clock do, and the money it moves."""

from typing import Any

import pytest
import stripe

from tests.processors.simulator.conftest import CARD_SALE, Account, Sandbox

WEEK_SECONDS = 7 * 86_400


class Case:
    """A sale of 75.00 and a dispute of it."""

    def __init__(self, sandbox: Sandbox, **terms: Any) -> None:
        self.sandbox = sandbox
        self.account: Account = sandbox.put_account("stripe")
        self.client = sandbox.stripe_client(self.account.secret)
        sale = {**CARD_SALE, "metadata": {"reference": "leg_1"}}
        self.intent = self.client.v1.payment_intents.create(sale)
        answer = sandbox.doors.post("disputes", json={"payment": self.intent.id, **terms})
        assert answer.status_code == 201, answer.text
        self.id = answer.json()["id"]

    def act(self, act: str, **body: Any) -> Any:
        answer = self.sandbox.doors.post(f"disputes/{self.id}/{act}", json=body)
        assert answer.status_code == 200, answer.text
        return self.read()

    def try_to(self, act: str) -> int:
        return self.sandbox.doors.post(f"disputes/{self.id}/{act}", json={}).status_code

    def read(self) -> Any:
        return self.client.v1.disputes.retrieve(self.id)

    def moved(self) -> list[tuple[str, int, int]]:
        rows = self.sandbox.movements(self.account)[1:]
        return [(row["kind"], row["amount_minor"], row["fee_minor"]) for row in rows]

    def told(self) -> list[str]:
        listed = self.client.v1.events.list({"type": "charge.dispute.*"}).data
        return [event.type.removeprefix("charge.dispute.") for event in listed][::-1]


@pytest.fixture
def case(sandbox: Sandbox) -> Case:
    return Case(sandbox)


def test_a_dispute_takes_the_amount_and_a_fee(case: Case) -> None:
    dispute = case.read()

    assert (dispute.status, dispute.amount, dispute.reason) == (
        "needs_response",
        7500,
        "fraudulent",
    )
    [posted] = dispute.balance_transactions
    assert (posted.type, posted.reporting_category) == ("adjustment", "dispute")
    assert (posted.amount, posted.fee, posted.net) == (-7500, 1500, -9000)
    assert posted.source == case.id
    assert case.moved() == [("dispute", -7500, 1500)]
    row = case.sandbox.movements(case.account)[-1]
    assert (row["object_id"], row["source_id"]) == (posted.id, dispute.charge)
    assert row["reference"] == "leg_1"
    charge = case.client.v1.charges.retrieve(dispute.charge)
    assert (charge.disputed, dispute.is_charge_refundable) == (True, False)
    assert case.told() == ["created", "funds_withdrawn"]


def test_a_dispute_that_is_won_brings_the_amount_back(case: Case) -> None:
    assert case.act("submit_evidence").status == "under_review"

    won = case.act("win")

    assert (won.status, len(won.balance_transactions)) == ("won", 2)
    back = won.balance_transactions[1]
    assert (back.reporting_category, back.amount, back.fee) == ("dispute_reversal", 7500, 0)
    assert case.moved() == [("dispute", -7500, 1500), ("dispute_won", 7500, 0)]
    assert case.told()[2:] == ["updated", "funds_reinstated", "closed"]


def test_a_fee_is_given_back_only_when_said(case: Case) -> None:
    won = case.act("win", fee_returned_minor=1500)

    assert won.balance_transactions[1].fee == -1500
    assert case.moved()[1] == ("dispute_won", 7500, -1500)
    assert case.sandbox.doors.post(
        f"disputes/{case.id}/lose", json={"fee_returned_minor": 1}
    ).is_error


@pytest.mark.parametrize("act", ["lose", "accept"])
def test_a_dispute_that_is_lost_moves_no_more(case: Case, act: str) -> None:
    assert case.act(act).status == "lost"

    assert case.moved() == [("dispute", -7500, 1500)]
    assert case.told()[-1] == "closed"


def test_an_inquiry_moves_nothing_until_it_escalates(sandbox: Sandbox) -> None:
    case = Case(sandbox, is_inquiry=True, reason="general")
    assert (case.read().status, case.moved()) == ("warning_needs_response", [])
    assert case.act("submit_evidence").status == "warning_under_review"

    escalated = case.act("escalate")

    assert escalated.status == "needs_response"
    assert case.moved() == [("dispute", -7500, 1500)]


def test_an_inquiry_is_closed(sandbox: Sandbox) -> None:
    case = Case(sandbox, is_inquiry=True)

    assert case.act("close").status == "warning_closed"
    assert case.told() == ["created", "closed"]


def test_a_second_round_turns_the_outcome(case: Case) -> None:
    case.act("win")
    assert case.act("reopen").status == "needs_response"
    case.act("lose")
    turned = case.act("win")

    assert turned.status == "won"
    kinds = [kind for kind, _, _ in case.moved()]
    assert kinds == ["dispute", "dispute_won", "dispute", "dispute_won"]
    assert case.act("lose").status == "lost"
    assert sum(amount for _, amount, _ in case.moved()) == -7500


def test_funds_may_be_withdrawn_later(sandbox: Sandbox) -> None:
    case = Case(sandbox, withdraw=False, amount_minor=2500, fee_minor=0)
    assert case.moved() == []

    case.act("withdraw")

    assert case.moved() == [("dispute", -2500, 0)]
    assert case.try_to("withdraw") == 409


def test_what_a_state_does_not_allow_is_refused(case: Case) -> None:
    case.act("win")

    assert [case.try_to(act) for act in ("submit_evidence", "close", "win")] == [409] * 3
    assert case.try_to("frown") == 404


def test_who_does_not_answer_in_time_has_lost(own_sandbox: Sandbox) -> None:
    case, inquiry = Case(own_sandbox), Case(own_sandbox, is_inquiry=True)
    in_time = Case(own_sandbox)
    in_time.act("submit_evidence")

    own_sandbox.advance(WEEK_SECONDS + 1)

    assert (case.read().status, case.read().evidence_details.past_due) == ("lost", True)
    assert (inquiry.read().status, inquiry.moved()) == ("warning_closed", [])
    assert in_time.read().status == "under_review"


def test_a_charge_that_was_charged_back_is_not_refunded(case: Case) -> None:
    refund = {"payment_intent": case.intent.id, "amount": 100}
    with pytest.raises(stripe.InvalidRequestError) as refused:
        case.client.v1.refunds.create(refund)

    case.act("win")

    assert refused.value.code == "charge_disputed"
    assert case.client.v1.refunds.create(refund).status == "succeeded"


def test_disputes_are_listed_and_answered_by_the_seller(case: Case) -> None:
    disputes = case.client.v1.disputes
    charge = case.read().charge

    kept = disputes.update(case.id, {"evidence": {"uncategorized_text": "He was"}, "submit": False})
    sent = disputes.update(case.id, {"submit": True})

    assert (kept.status, kept.evidence.uncategorized_text) == ("needs_response", "He was")
    assert (sent.status, sent.evidence_details.submission_count) == ("under_review", 1)
    assert [each.id for each in disputes.list({"charge": charge}).data] == [case.id]
    assert [each.id for each in disputes.list({"payment_intent": case.intent.id}).data]
    assert disputes.list({"charge": "ch_none"}).data == []
    assert disputes.close(case.id).status == "lost"


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 400),
        ({"payment": "ch_none"}, 404),
        ({"payment": "mine", "amount_minor": 0}, 400),
        ({"payment": "mine", "amount_minor": 7501}, 409),
        ({"payment": "mine", "colour": "red"}, 400),
    ],
)
def test_a_dispute_that_makes_no_sense_is_refused(
    sandbox: Sandbox, body: dict[str, Any], status: int
) -> None:
    intent = sandbox.new_stripe().v1.payment_intents.create(CARD_SALE)
    if body.get("payment") == "mine":
        body = {**body, "payment": intent.latest_charge}

    assert sandbox.doors.post("disputes", json=body).status_code == status
