"""Which calls a rule hits, how often, and what a rule may say."""

from typing import Any

import pytest

from tests.processors.simulator.conftest import Sandbox
from tests.processors.simulator.payers import LOST, make_payer


@pytest.mark.parametrize(
    ("rule", "field"),
    [
        ({}, "kind"),
        ({"kind": "earthquake"}, "kind"),
        ({"kind": "conflict", "colour": "red"}, "colour"),
        ({"kind": "conflict", "seconds": 5}, "seconds"),
        ({"kind": "conflict", "held": True}, "held"),
        ({"kind": "slow", "seconds": 0}, "seconds"),
        ({"kind": "slow", "seconds": 3601}, "seconds"),
        ({"kind": "conflict", "times": 0}, "times"),
        ({"kind": "conflict", "skip": -1}, "skip"),
        ({"kind": "conflict", "probability": 1.5}, "probability"),
        ({"kind": "conflict", "operation": "steal"}, "operation"),
        ({"kind": "conflict", "processor": "paypal"}, "processor"),
        ({"kind": "connection_refused", "seconds": 1, "account_id": "acct_1"}, "account_id"),
    ],
)
def test_a_rule_that_makes_no_sense_is_refused(
    sandbox: Sandbox, rule: dict[str, Any], field: str
) -> None:
    answer = sandbox.doors.post("faults", json=rule)

    assert (answer.status_code, answer.json()["error"]["field"]) == (400, field)
    assert sandbox.faults() == []


def test_a_rule_skips_then_hits_then_is_spent(sandbox: Sandbox) -> None:
    payer = make_payer(sandbox, "stripe")
    sandbox.add_fault("error_before", payer.account, skip=1, times=2)

    seen = [payer.pay_anew().seen for _ in range(4)]

    assert seen == ["paid", 500, 500, "paid"]
    [rule] = sandbox.faults()
    assert (rule["seen"], rule["hits"], rule["is_active"]) == (3, 2, False)


def test_the_first_rule_that_decides_to_hit_applies(sandbox: Sandbox) -> None:
    payer = make_payer(sandbox, "square")
    sandbox.add_fault("error_before", payer.account, skip=2)
    sandbox.add_fault("conflict", payer.account, times=None)

    seen = [payer.pay_anew().seen for _ in range(4)]

    assert seen == [409, 409, 500, 409]


def test_a_rule_without_an_end_lasts_until_it_is_removed(sandbox: Sandbox) -> None:
    payer = make_payer(sandbox, "stripe")
    rule_id = sandbox.add_fault("error_before", payer.account, times=None)
    seen = [payer.pay_anew().seen for _ in range(3)]

    assert sandbox.doors.delete(f"faults/{rule_id}").status_code == 200
    assert sandbox.doors.delete(f"faults/{rule_id}").status_code == 404
    assert [*seen, payer.pay_anew().seen] == [500, 500, 500, "paid"]
    assert len(sandbox.hits(payer.account)) == 3


def test_all_rules_are_removed_at_once(sandbox: Sandbox) -> None:
    payer = make_payer(sandbox, "stripe")
    for kind in ("error_before", "conflict"):
        sandbox.add_fault(kind, payer.account)

    sandbox.doors.delete("faults")

    assert (sandbox.faults(), payer.pay().seen) == ([], "paid")


def pattern(sandbox: Sandbox, **rule: Any) -> list[bool]:
    payer = make_payer(sandbox, "stripe")
    sandbox.add_fault("error_before", payer.account, times=None, **rule)
    return [payer.pay_anew().seen == 500 for _ in range(40)]


def test_chance_is_repeatable_by_its_seed(sandbox: Sandbox) -> None:
    first = pattern(sandbox, probability=0.3, seed=7)

    assert pattern(sandbox, probability=0.3, seed=7) == first
    assert pattern(sandbox, probability=0.3, seed=8) != first
    assert 4 <= sum(first) <= 22
    assert pattern(sandbox, probability=0.3, seed=7, skip=3)[3:] == first[:-3]


@pytest.mark.parametrize(
    ("rule", "hit"),
    [
        ({"operation": "charge"}, ["charge"]),
        ({"operation": "capture"}, ["capture"]),
        ({"operation": "cancel"}, ["cancel"]),
        ({"operation": "refund"}, ["refund"]),
        ({"operation": "list"}, ["list"]),
        ({"operation": "retrieve"}, ["retrieve"]),
        ({"method": "get"}, ["list", "retrieve"]),
        ({"path": "/v*/pay*"}, ["charge", "capture", "cancel", "list", "retrieve"]),
        ({"path": "/v*/refunds"}, ["refund"]),
    ],
    ids=str,
)
@pytest.mark.parametrize("processor", ["stripe", "square"])
def test_a_rule_hits_the_calls_it_names(
    sandbox: Sandbox, processor: str, rule: dict[str, Any], hit: list[str]
) -> None:
    payer = make_payer(sandbox, processor)
    sandbox.add_fault("error_before", payer.account, times=None, processor=processor, **rule)

    acts = STRIPE_ACTS if processor == "stripe" else SQUARE_ACTS
    failed = [name for name, act in acts.items() if is_hit(payer.client, act)]

    assert failed == hit


STRIPE_ACTS: dict[str, Any] = {
    "charge": lambda client: client.v1.payment_intents.create({"amount": 500, "currency": "usd"}),
    "capture": lambda client: client.v1.payment_intents.capture("pi_none"),
    "cancel": lambda client: client.v1.payment_intents.cancel("pi_none"),
    "refund": lambda client: client.v1.refunds.create({"payment_intent": "pi_none"}),
    "list": lambda client: client.v1.payment_intents.list(),
    "retrieve": lambda client: client.v1.payment_intents.retrieve("pi_none"),
}
_MONEY = {"amount": 500, "currency": "USD"}
_ONCE: Any = {"max_retries": 0}
SQUARE_ACTS: dict[str, Any] = {
    "charge": lambda client: client.payments.create(
        source_id="cnon:card-nonce-ok",
        idempotency_key="k1",
        amount_money=_MONEY,
        request_options=_ONCE,
    ),
    "capture": lambda client: client.payments.complete("none", request_options=_ONCE),
    "cancel": lambda client: client.payments.cancel("none", request_options=_ONCE),
    "refund": lambda client: client.refunds.refund_payment(
        idempotency_key="k2", amount_money=_MONEY, payment_id="none", request_options=_ONCE
    ),
    "list": lambda client: list(client.payments.list(request_options=_ONCE)),
    "retrieve": lambda client: client.payments.get("none", request_options=_ONCE),
}


def is_hit(client: Any, act: Any) -> bool:
    try:
        act(client)
    except Exception as error:  # noqa: BLE001 - the two SDKs share no error
        status = getattr(error, "http_status", None) or getattr(error, "status_code", None)
        return status == 500
    return False


def test_a_rule_for_one_processor_or_account_leaves_others_alone(sandbox: Sandbox) -> None:
    ours, neighbor = (make_payer(sandbox, "stripe") for _ in range(2))
    elsewhere = make_payer(sandbox, "square")
    sandbox.add_fault("error_before", ours.account, times=None)
    sandbox.add_fault("conflict", times=None, processor="square")

    assert [each.pay().seen for each in (ours, neighbor, elsewhere)] == [500, "paid", 409]


def test_a_question_does_no_work_so_it_is_never_late(sandbox: Sandbox) -> None:
    payer = make_payer(sandbox, "stripe")
    sandbox.add_fault("commit_late", payer.account, seconds=60)

    assert payer.list_ids() == []
    assert payer.pay().seen == LOST


def test_a_refused_request_may_lose_its_answer_too(sandbox: Sandbox) -> None:
    payer = make_payer(sandbox, "stripe")
    sandbox.add_fault("reset_after", payer.account)

    assert payer.pay(declined=True).seen == LOST
    assert payer.pay(declined=True).seen == 402


def test_a_reset_forgets_rules(own_sandbox: Sandbox) -> None:
    payer = make_payer(own_sandbox, "stripe")
    own_sandbox.add_fault("commit_late", payer.account, seconds=60)
    payer.pay()

    own_sandbox.doors.post("reset")

    assert own_sandbox.doors.get("faults").json() == {"faults": [], "late_calls": 0}
    assert own_sandbox.doors.get("faults/hits").json()["hits"] == []


def test_the_page_adds_shows_and_removes_a_rule(own_sandbox: Sandbox) -> None:
    payer = make_payer(own_sandbox, "stripe")
    page = {"accept": "text/html"}
    form = {"kind": "error_before", "account_id": payer.account.account_id, "times": "always"}
    own_sandbox.doors.post("faults", data={**form, "path": "", "seconds": ""}, headers=page)
    [rule] = own_sandbox.faults()
    payer.pay()

    shown = own_sandbox.doors.get(own_sandbox.url + "/").text
    removal = own_sandbox.doors.post(f"faults/{rule['id']}/remove", headers=page)

    assert "until removed" in shown
    assert f"/_simulator/faults/{rule['id']}/remove" in shown
    assert shown.count("error_before") >= 3  # the rule, the form, the request
    assert (removal.status_code, removal.headers["location"]) == (303, "/")
    assert own_sandbox.faults() == []
