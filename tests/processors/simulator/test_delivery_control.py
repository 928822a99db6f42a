"""Webhooks held, let go in another order, lost, doubled and late."""

import json
from typing import Any

import pytest

from tests.processors.simulator.conftest import (
    CARD_SALE,
    Account,
    Sandbox,
    run_sandbox,
    square_sale,
)
from tests.processors.simulator.receiver import Received, WebhookReceiver
from tests.waiting import wait_until


class Line:
    """A Stripe account whose events go to a receiver."""

    def __init__(self, sandbox: Sandbox, receiver: WebhookReceiver) -> None:
        self.sandbox, self.receiver = sandbox, receiver
        hook = {"url": receiver.url, "secret": "whsec_x", "events": ["customer.created"]}
        self.account: Account = sandbox.put_account("stripe", webhook=hook)
        self.client = sandbox.stripe_client(self.account.secret)

    def set_policy(self, **policy: Any) -> None:
        body = {"account_id": self.account.account_id, **policy}
        answer = self.sandbox.doors.post("deliveries/policy", json=body)
        assert answer.status_code == 200, answer.text

    def happen(self, count: int) -> list[str]:
        created = [self.client.v1.customers.create({"name": str(n)}) for n in range(count)]
        return [customer.id for customer in created]

    def act(self, act: str, **body: Any) -> int:
        body = {"account_id": self.account.account_id, **body}
        answer = self.sandbox.doors.post(f"deliveries/{act}", json=body)
        assert answer.status_code == 200, answer.text
        return answer.json()["deliveries"]

    def deliveries(self) -> list[dict[str, Any]]:
        answer = self.sandbox.doors.get(
            "deliveries", params={"account_id": self.account.account_id}
        )
        return answer.json()["deliveries"]

    def states(self) -> list[str]:
        return [each["state"] for each in self.deliveries()]

    def settle(self) -> None:
        """Wait until nothing is on its way."""
        wait_until(lambda: not {"pending", "sending"} & set(self.states()))


def read_customers(received: list[Received]) -> list[str]:
    return [json.loads(each.body)["data"]["object"]["id"] for each in received]


@pytest.fixture
def line(sandbox: Sandbox, receiver: WebhookReceiver) -> Line:
    return Line(sandbox, receiver)


def test_what_is_held_waits_for_its_release(line: Line) -> None:
    line.set_policy(hold=True)
    ids = line.happen(3)
    held = line.states()
    line.set_policy()

    assert line.act("release") == 3

    assert (held, line.act("release")) == (["held"] * 3, 0)
    assert read_customers(line.receiver.wait_for(3)) == ids


def test_held_events_are_let_go_in_another_order(line: Line) -> None:
    line.set_policy(hold=True)
    ids = line.happen(8)

    line.act("release", order="last")

    assert read_customers(line.receiver.wait_for(8)) == ids[::-1]


def test_a_shuffle_is_the_same_for_the_same_seed(line: Line) -> None:
    line.set_policy(hold=True)
    ids = line.happen(8)
    line.act("release", order="shuffled", seed=7)
    first = read_customers(line.receiver.wait_for(8))
    line.settle()

    line.act("resend", order="shuffled", seed=7)
    line.receiver.wait_for(16)
    line.settle()
    line.act("resend", order="shuffled", seed=8)

    everything = read_customers(line.receiver.wait_for(24))
    assert sorted(first) == sorted(ids)
    assert first not in (ids, everything[16:])
    assert everything[8:16] == first


def test_copies_are_sent_as_often_as_asked(line: Line) -> None:
    line.set_policy(hold=True)
    [customer] = line.happen(1)

    assert line.act("release", copies=3) == 3

    received = line.receiver.wait_for(3)
    assert read_customers(received) == [customer] * 3
    assert len({each.body for each in received}) == 1


def test_some_are_lost_and_others_let_go(line: Line) -> None:
    line.set_policy(hold=True)
    line.happen(2)
    first, second = [each["event_id"] for each in line.deliveries()]

    assert line.act("drop", event_ids=[first]) == 1
    assert line.act("release", event_types=["charge.failed"]) == 0
    assert line.act("release", event_types=["customer.created"]) == 1

    assert json.loads(line.receiver.wait_for(1)[0].body)["id"] == second
    line.settle()
    assert line.states() == ["dropped", "delivered"]
    assert line.act("resend", event_ids=[first]) == 1
    assert json.loads(line.receiver.wait_for(2)[1].body)["id"] == first


def test_a_policy_loses_doubles_and_delays_by_its_seed(line: Line) -> None:
    line.set_policy(drop=0.4, double=0.5, late_seconds=1, seed=3)
    ids = line.happen(20)
    line.settle()

    states = line.states()
    lost, sent = states.count("dropped"), states.count("delivered")

    assert 0 < lost < 20
    assert sent > 20 - lost
    received = read_customers(line.receiver.wait_for(sent))
    assert set(received) < set(ids)
    assert received != sorted(received, key=ids.index)


def test_one_that_is_refused_leaves_its_lane(receiver: WebhookReceiver) -> None:
    with run_sandbox(retry_seconds=(3600,)) as sandbox:
        line = Line(sandbox, receiver)
        line.set_policy(hold=True)
        ids = line.happen(3)
        receiver.statuses = [500]

        line.act("release")

        assert read_customers(receiver.wait_for(3)) == ids
        wait_until(lambda: line.states() == ["pending", "delivered", "delivered"])


def test_square_events_are_held_too_and_policies_listed(
    sandbox: Sandbox, receiver: WebhookReceiver
) -> None:
    hook = {"url": receiver.url, "secret": "key", "events": ["payment.created"]}
    account = sandbox.put_account("square", webhook=hook)
    policy = {"account_id": account.account_id, "hold": True}
    sandbox.doors.post("deliveries/policy", json=policy)
    sandbox.square_client(account.secret).payments.create(**square_sale())

    listed = sandbox.doors.get("deliveries/policy").json()["policies"]
    sandbox.doors.post("deliveries/release", json={"account_id": account.account_id})

    assert [each["hold"] for each in listed if each["account_id"] == account.account_id] == [True]
    receiver.wait_for(1)


def test_everybodys_policy_counts_where_an_account_has_none(
    own_sandbox: Sandbox, receiver: WebhookReceiver
) -> None:
    line, other = Line(own_sandbox, receiver), Line(own_sandbox, receiver)
    own_sandbox.doors.post("deliveries/policy", json={"drop": 1})
    other.set_policy()

    line.happen(1)
    other.happen(1)
    other.settle()

    assert (line.states(), other.states()) == (["dropped"], ["delivered"])
    own_sandbox.doors.post("reset")
    assert own_sandbox.doors.get("deliveries/policy").json()["policies"] == []


def test_events_are_read_as_they_are_posted(line: Line) -> None:
    line.happen(2)
    line.client.v1.payment_intents.create(CARD_SALE)
    params: dict[str, Any] = {"account_id": line.account.account_id, "type": "customer.*"}

    read = line.sandbox.doors.get("events", params=params).json()
    rest = line.sandbox.doors.get("events", params={**params, "after": read["last"]}).json()
    platforms = line.sandbox.doors.get("events", params={**params, "owner": "acct_p"}).json()

    posted = [json.loads(each.body) for each in line.receiver.wait_for(2)]
    bodies = {each["id"]: each["body"] for each in read["events"]}
    assert {each["id"] for each in posted} == set(bodies)
    assert posted[0]["data"] == bodies[posted[0]["id"]]["data"]
    assert rest["events"] == []
    assert platforms["events"][0]["body"]["account"] == line.account.account_id


@pytest.mark.parametrize(
    ("door", "body", "status"),
    [
        ("policy", {"drop": 2}, 400),
        ("policy", {"colour": "red"}, 400),
        ("release", {"order": "upwards"}, 400),
        ("release", {"copies": 0}, 400),
        ("drop", {"order": "first"}, 400),
        ("frown", {}, 404),
    ],
)
def test_what_makes_no_sense_is_refused(
    sandbox: Sandbox, door: str, body: dict[str, Any], status: int
) -> None:
    assert sandbox.doors.post(f"deliveries/{door}", json=body).status_code == status
    assert sandbox.doors.get("deliveries/frown").status_code == 404
