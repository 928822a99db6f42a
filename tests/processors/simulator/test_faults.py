"""Each kind of fault: what the client sees, what was done, and what the same key gets later."""

from typing import Any

import pytest

from tests.processors.simulator.conftest import Sandbox
from tests.processors.simulator.payers import GARBLED, LOST, make_payer
from tests.waiting import wait_until

each_processor = pytest.mark.parametrize("processor", ["stripe", "square"])

# kind, rule, what the client sees, charges then, what the same key sees afterwards
KINDS: list[tuple[str, dict[str, Any], str | int, int, str | int]] = [
    ("time_out_before", {"seconds": 0.1}, LOST, 0, "paid"),
    ("time_out_after", {"seconds": 0.1}, LOST, 1, "paid"),
    ("error_before", {}, 500, 0, "paid"),
    ("error_after", {}, 500, 1, "paid"),
    ("stored_error", {}, 500, 0, 500),
    ("stored_error_after", {}, 500, 1, 500),
    ("rate_limited", {}, 429, 0, "paid"),
    ("conflict", {}, 409, 0, "paid"),
    ("garbage", {}, GARBLED, 1, "paid"),
    ("truncated", {}, LOST, 1, "paid"),
    ("slow", {"seconds": 0.0001}, "paid", 1, "paid"),
    ("connection_refused", {}, LOST, 0, "paid"),
    ("reset_before", {}, LOST, 0, "paid"),
    ("reset_after", {}, LOST, 1, "paid"),
    ("revoked_token", {}, 401, 0, "paid"),
    ("account_down", {"times": 1}, 503, 0, "paid"),
]
UNANSWERED = {
    "time_out_before",
    "time_out_after",
    "connection_refused",
    "reset_before",
    "reset_after",
}


@each_processor
@pytest.mark.parametrize(
    ("kind", "rule", "seen", "charged", "again"), KINDS, ids=[each[0] for each in KINDS]
)
def test_a_fault_does_what_its_kind_says(
    sandbox: Sandbox,
    processor: str,
    kind: str,
    rule: dict[str, Any],
    seen: str | int,
    charged: int,
    again: str | int,
) -> None:
    payer = make_payer(sandbox, processor)
    rule_id = sandbox.add_fault(kind, payer.account, operation="charge", **rule)

    assert payer.pay().seen == seen
    assert len(payer.charges()) == charged

    request = sandbox.requests(payer.account)[-1]
    hit = sandbox.hits(payer.account)[-1]
    assert (request["fault"], request["key"]) == (kind, payer.key)
    assert (request["status"] is None) == (kind in UNANSWERED)
    assert (hit["rule_id"], hit["kind"], hit["request"]) == (rule_id, kind, request["sequence"])

    assert payer.pay().seen == again
    expected = 1 if again == "paid" else charged
    assert len(payer.charges()) == expected


@each_processor
def test_an_answer_about_another_object_is_well_formed_and_not_true(
    sandbox: Sandbox, processor: str
) -> None:
    payer = make_payer(sandbox, processor)
    sandbox.add_fault("other_object", payer.account)

    other, ours = payer.pay(), payer.pay()

    assert (other.seen, ours.seen, len(payer.charges())) == ("paid", "paid", 1)
    assert other.payment_id not in ("", ours.payment_id)
    assert len(other.payment_id) == len(ours.payment_id)
    assert (ours.reference, other.reference != "leg_1") == ("leg_1", True)
    assert ours.payment_id in payer.list_ids()


@each_processor
def test_an_answer_may_name_another_amount(sandbox: Sandbox, processor: str) -> None:
    payer = make_payer(sandbox, processor)
    sandbox.add_fault("other_amount", payer.account)

    wrong, right = payer.pay(), payer.pay()

    assert (wrong.payment_id, wrong.currency) == (right.payment_id, right.currency)
    assert (wrong.amount_minor, right.amount_minor) == (7501, 7500)
    assert payer.charges()[0]["amount_minor"] == 7500


@each_processor
def test_an_answer_may_name_another_currency(sandbox: Sandbox, processor: str) -> None:
    payer = make_payer(sandbox, processor)
    sandbox.add_fault("other_currency", payer.account)

    wrong, right = payer.pay(), payer.pay()

    assert (wrong.payment_id, wrong.amount_minor) == (right.payment_id, right.amount_minor)
    assert (wrong.currency, right.currency) == ("EUR", "USD")


@each_processor
def test_too_many_requests_may_come_with_a_time_to_wait(sandbox: Sandbox, processor: str) -> None:
    payer = make_payer(sandbox, processor)
    sandbox.add_fault("rate_limited", payer.account)
    sandbox.add_fault("rate_limited", payer.account, seconds=7)

    without, with_time = payer.pay(), payer.pay()

    assert "retry-after" not in {name.lower() for name in without.headers}
    headers = {name.lower(): value for name, value in with_time.headers.items()}
    assert (with_time.seen, headers["retry-after"]) == (429, "7")


@each_processor
def test_the_vendors_own_codes_are_used(sandbox: Sandbox, processor: str) -> None:
    payer = make_payer(sandbox, processor)
    codes = []
    for kind in ("rate_limited", "conflict", "revoked_token"):
        sandbox.add_fault(kind, payer.account)
        codes.append(payer.pay().code)

    assert (
        codes
        == {
            "stripe": ["rate_limit", "idempotency_key_in_use", "api_key_expired"],
            "square": ["RATE_LIMITED", "CONFLICT", "ACCESS_TOKEN_REVOKED"],
        }[processor]
    )


@each_processor
def test_an_account_is_down_for_a_time_and_others_are_not(
    own_sandbox: Sandbox, processor: str
) -> None:
    payer, other = (make_payer(own_sandbox, processor) for _ in range(2))
    own_sandbox.add_fault("account_down", payer.account, seconds=300)

    assert [payer.pay_anew().seen for _ in range(3)] == [503, 503, 503]
    assert other.pay().seen == "paid"
    own_sandbox.advance(301)
    assert payer.pay().seen == "paid"
    assert len(payer.charges()) == 1


@each_processor
def test_an_account_may_be_down_without_a_word(sandbox: Sandbox, processor: str) -> None:
    payer = make_payer(sandbox, processor)
    hurried = payer.hurried()
    rule_id = sandbox.add_fault("account_down", payer.account, held=True)

    assert (hurried.pay().seen, hurried.pay().seen) == (LOST, LOST)
    wait_until(lambda: len(sandbox.hits(payer.account)) == 2)
    assert payer.charges() == []
    sandbox.doors.delete(f"faults/{rule_id}")
    assert payer.pay().seen == "paid"


@each_processor
def test_a_client_may_give_up_before_a_time_out_ends(sandbox: Sandbox, processor: str) -> None:
    payer = make_payer(sandbox, processor)
    sandbox.add_fault("time_out_after", payer.account)

    assert payer.hurried().pay().seen == LOST
    wait_until(payer.charges)
    assert payer.pay().seen == "paid"
