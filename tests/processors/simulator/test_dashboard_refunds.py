"""Refunds nobody's program made, and refunds that fail days after they were done."""

from typing import Any

import pytest

from tests.processors.simulator.conftest import CARD_SALE, Account, Sandbox, square_sale

DAY_SECONDS = 86_400


class Sale:
    """A sale of 75.00 at either vendor, and what became of it."""

    def __init__(self, sandbox: Sandbox, processor: str) -> None:
        self.sandbox, self.processor = sandbox, processor
        self.account: Account = sandbox.put_account(processor)
        self.client = getattr(sandbox, f"{processor}_client")(self.account.secret)
        if processor == "stripe":
            self.id = str(self.client.v1.payment_intents.create(CARD_SALE).latest_charge)
        else:
            self.id = self.client.payments.create(**square_sale()).payment.id

    def refund(self, **body: Any) -> str:
        answer = self.sandbox.doors.post("refunds", json={"payment": self.id, **body})
        assert answer.status_code == 201, answer.text
        return answer.json()["id"]

    def act(self, refund_id: str, act: str, **body: Any) -> int:
        return self.sandbox.doors.post(f"refunds/{refund_id}/{act}", json=body).status_code

    def status(self, refund_id: str) -> str:
        if self.processor == "stripe":
            return self.client.v1.refunds.retrieve(refund_id).status
        status = self.client.refunds.get(refund_id).refund.status.lower()
        return {"completed": "succeeded"}.get(status, status)

    def refunded(self) -> int:
        if self.processor == "stripe":
            return self.client.v1.charges.retrieve(self.id).amount_refunded
        money = self.client.payments.get(self.id).payment.refunded_money
        return money.amount if money else 0

    def moved(self) -> list[tuple[str, int]]:
        rows = self.sandbox.movements(self.account)[1:]
        return [(row["kind"], row["amount_minor"]) for row in rows]


@pytest.fixture(params=["stripe", "square"])
def sale(request: pytest.FixtureRequest, sandbox: Sandbox) -> Sale:
    return Sale(sandbox, request.param)


@pytest.fixture(params=["stripe", "square"])
def own_sale(request: pytest.FixtureRequest, own_sandbox: Sandbox) -> Sale:
    return Sale(own_sandbox, request.param)


def test_a_person_refunds_a_part_and_then_the_rest(sale: Sale) -> None:
    part, rest = sale.refund(amount_minor=2500, reason="requested_by_customer"), sale.refund()

    assert sale.status(part) == sale.status(rest) == "succeeded"
    assert sale.refunded() == 7500
    assert sale.moved() == [("refund", -2500), ("refund", -5000)]
    assert {row["reference"] for row in sale.sandbox.movements(sale.account)} == {None}
    assert sale.sandbox.doors.post("refunds", json={"payment": sale.id}).status_code == 409


def test_a_refund_fails_after_it_was_done(sale: Sale) -> None:
    refund_id = sale.refund(amount_minor=2500)

    assert sale.act(refund_id, "fail") == 200

    assert sale.status(refund_id) == "failed"
    assert sale.refunded() == 0
    assert sale.moved() == [("refund", -2500), ("refund_failed", 2500)]
    assert sale.act(refund_id, "fail") == 409
    sale.refund()
    assert sale.refunded() == 7500


def test_a_pending_refund_waits_for_the_door(sale: Sale) -> None:
    refund_id = sale.refund(pending=True)
    before = sale.status(refund_id)

    assert sale.act(refund_id, "complete") == 200

    assert (before, sale.status(refund_id)) == ("pending", "succeeded")


def test_a_pending_refund_fails_days_later_by_the_clock(own_sale: Sale) -> None:
    refund_id = own_sale.refund(pending=True, fails_in_seconds=3 * DAY_SECONDS)
    before = own_sale.status(refund_id)

    own_sale.sandbox.advance(3 * DAY_SECONDS + 1)

    assert (before, own_sale.status(refund_id)) == ("pending", "failed")
    assert own_sale.moved()[-1] == ("refund_failed", 7500)
    first, last = own_sale.sandbox.movements(own_sale.account)[1:]
    assert last["source_id"] == refund_id == first["object_id"]
    assert last["object_id"] != refund_id


def test_a_refund_succeeds_and_fails_by_the_clock(own_sale: Sale) -> None:
    refund_id = own_sale.refund(succeeds_in_seconds=60, fails_in_seconds=3 * DAY_SECONDS)
    statuses = [own_sale.status(refund_id)]
    for seconds in (61, 3 * DAY_SECONDS):
        own_sale.sandbox.advance(seconds)
        statuses.append(own_sale.status(refund_id))

    assert statuses == ["pending", "succeeded", "failed"]


def test_what_makes_no_sense_is_refused(sale: Sale) -> None:
    refund_id = sale.refund(amount_minor=100)
    post = sale.sandbox.doors.post

    assert post("refunds", json={"payment": "ch_none"}).status_code == 404
    assert post("refunds", json={"payment": sale.id, "amount_minor": 7401}).status_code == 409
    assert post("refunds", json={"payment": sale.id, "colour": "red"}).status_code == 400
    assert sale.act(refund_id, "frown") == 404
    assert sale.act("re_none", "fail") == 404


def test_stripe_says_why_a_refund_failed(sandbox: Sandbox) -> None:
    sale = Sale(sandbox, "stripe")
    refund_id = sale.refund()
    sale.act(refund_id, "fail", reason="lost_or_stolen_card")

    expand: Any = {"expand": ["failure_balance_transaction"]}
    refund: Any = sale.client.v1.refunds.retrieve(refund_id, expand)

    posted = refund.failure_balance_transaction
    assert refund.failure_reason == "lost_or_stolen_card"
    assert (posted.type, posted.amount, posted.source) == ("refund_failure", 7500, refund_id)
    assert sandbox.movements(sale.account)[-1]["object_id"] == posted.id
    told = [each.type for each in sale.client.v1.events.list({"limit": 3}).data]
    assert told == ["refund.failed", "charge.refund.updated", "refund.updated"]


def test_square_may_reject_a_refund(sandbox: Sandbox) -> None:
    sale = Sale(sandbox, "square")
    refund_id = sale.refund(pending=True)

    sale.act(refund_id, "fail", status="REJECTED")

    assert sale.status(refund_id) == "rejected"
    assert sandbox.movements(sale.account)[-1]["object_id"] == f"{refund_id}:failed"
