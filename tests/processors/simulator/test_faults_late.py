"""Calls that are accepted, not answered, and carried out later."""

import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.processors.simulator.conftest import Sandbox, run_sandbox
from tests.processors.simulator.payers import LOST, Payer, make_payer
from tests.processors.simulator.receiver import WebhookReceiver
from tests.waiting import wait_until

each_processor = pytest.mark.parametrize("processor", ["stripe", "square"])
KEY_IN_USE = {"stripe": "idempotency_key_in_use", "square": "CONFLICT"}


@each_processor
def test_a_late_call_does_not_show_before_its_time(own_sandbox: Sandbox, processor: str) -> None:
    payer = make_payer(own_sandbox, processor)
    own_sandbox.add_fault("commit_late", payer.account, operation="charge", seconds=90)

    lost, repeated = payer.pay(), payer.pay()

    assert (lost.seen, repeated.seen, repeated.code) == (LOST, 409, KEY_IN_USE[processor])
    assert (payer.list_ids(), payer.charges()) == ([], [])
    assert own_sandbox.doors.get("faults").json()["late_calls"] == 1

    own_sandbox.advance(91)

    paid = payer.pay()
    assert (paid.seen, payer.list_ids()) == ("paid", [paid.payment_id])
    assert len(payer.charges()) == 1
    assert own_sandbox.doors.get("faults").json()["late_calls"] == 0


@each_processor
def test_a_late_call_hit_again_is_carried_out_once(own_sandbox: Sandbox, processor: str) -> None:
    payer = make_payer(own_sandbox, processor)
    own_sandbox.add_fault("commit_late", payer.account, seconds=60, times=3)

    assert [payer.pay().seen for _ in range(3)] == [LOST, LOST, LOST]
    own_sandbox.advance(61)

    assert len(payer.charges()) == 1
    assert payer.pay().seen == "paid"


@each_processor
def test_a_late_call_may_leave_the_client_waiting(own_sandbox: Sandbox, processor: str) -> None:
    payer = make_payer(own_sandbox, processor)
    own_sandbox.add_fault("commit_late", payer.account, seconds=60, held=True)
    began = time.monotonic()

    assert payer.hurried().pay().seen == LOST
    assert time.monotonic() - began >= 0.5
    wait_until(lambda: own_sandbox.doors.get("faults").json()["late_calls"] == 1)
    own_sandbox.advance(61)

    assert payer.pay().seen == "paid"
    assert len(payer.charges()) == 1


def test_a_late_call_is_carried_out_though_nobody_asks(
    sandbox: Sandbox, receiver: WebhookReceiver
) -> None:
    account = sandbox.put_account(
        "stripe", webhook={"url": receiver.url, "secret": "whsec_1", "events": ["charge.succeeded"]}
    )
    payer = Payer(sandbox, "stripe", account)
    sandbox.add_fault("commit_late", account, seconds=0.3)

    assert payer.pay().seen == LOST

    wait_until(lambda: receiver.received)
    assert len(payer.charges()) == 1


@each_processor
def test_a_late_refusal_is_what_the_key_gets(own_sandbox: Sandbox, processor: str) -> None:
    payer = make_payer(own_sandbox, processor)
    own_sandbox.add_fault("commit_late", payer.account, seconds=30)
    assert payer.pay(declined=True).seen == LOST

    own_sandbox.advance(31)

    assert payer.pay(declined=True).seen == 402
    assert payer.charges() == []


def test_a_late_refund_of_more_than_is_left_comes_to_nothing(own_sandbox: Sandbox) -> None:
    payer = make_payer(own_sandbox, "stripe")
    paid = payer.pay()
    own_sandbox.add_fault("commit_late", payer.account, operation="refund", seconds=30)
    refunds = payer.client.v1.refunds
    with pytest.raises(Exception, match="onnection"):
        refunds.create({"payment_intent": paid.payment_id, "amount": 7500})
    refunds.create({"payment_intent": paid.payment_id, "amount": 1})

    own_sandbox.advance(31)

    assert [each.amount for each in refunds.list().data] == [1]
    assert own_sandbox.doors.get("faults").json()["late_calls"] == 0


@each_processor
def test_rules_and_late_calls_survive_a_restart(tmp_path: Path, processor: str) -> None:
    state = tmp_path / "state.sqlite3"
    with run_sandbox(state) as sandbox:
        payer = make_payer(sandbox, processor)
        sandbox.add_fault("commit_late", payer.account, seconds=3600)
        sandbox.add_fault("error_before", payer.account, operation="refund", times=None)
        assert payer.pay().seen == LOST
        before = sandbox.faults()

    with run_sandbox(state) as sandbox:
        again = Payer(sandbox, processor, payer.account, key=payer.key)
        assert sandbox.faults() == before
        assert [(each["hits"], each["is_active"]) for each in before] == [(1, False), (0, True)]
        assert (again.pay().seen, again.charges()) == (409, [])
        sandbox.advance(3601)
        assert again.pay().seen == "paid"
        assert len(again.charges()) == 1


def test_a_key_that_comes_back_while_its_late_call_is_carried_out_charges_once(
    sandbox: Sandbox,
) -> None:
    payers = [make_payer(sandbox, "stripe")]
    payers += [Payer(sandbox, "stripe", payers[0].account, key=payers[0].key) for _ in range(3)]
    sandbox.add_fault("commit_late", payers[0].account, seconds=0.2)
    assert payers[0].pay().seen == LOST

    def pay_until_answered(payer: Payer) -> str | int:
        seen: list[str | int] = [409]
        while seen[-1] == 409 and len(seen) < 5_000:
            seen.append(payer.pay().seen)
        return seen[-1]

    with ThreadPoolExecutor(len(payers)) as pool:
        last = list(pool.map(pay_until_answered, payers))

    assert last == ["paid"] * 4
    assert len(payers[0].charges()) == 1
