"""Asking about, canceling and capturing a charge: what every adapter makes of each answer.

As in `test_adapter_contract`, with the vendor's real SDK and a server that misbehaves.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bookedbarber.foundation.money import Money
from processors import registry
from processors.contract import Charges, ChargeState, ChargeStatement, MovementState
from processors.errors import AnswerLost, CredentialsRefused, ProcessorNotReached, RequestRefused
from tests.processors.contract_cases import HTML, REQUEST, cases
from tests.processors.contract_cases import each_processor as each
from tests.processors.raw_server import (
    Answer,
    answers,
    drips,
    hangs_up_after,
    in_turn,
    is_silent,
    resets,
    truncates,
)
from tests.processors.short_limits import lose_the_answer

SINCE = datetime(2027, 1, 15, 7, 59, 59, 500_000, tzinfo=UTC)
HELD = replace(REQUEST, capture=False)

Act = Callable[[Charges, str], ChargeStatement | None]
QUESTIONS: dict[str, Act] = {
    "retrieve": lambda charges, name: charges.retrieve_charge(name, REQUEST),
    "find": lambda charges, _: charges.find_charge(REQUEST, since=SINCE),
}
CHANGES: dict[str, Act] = {
    "cancel": lambda charges, name: charges.cancel_charge(name, REQUEST),
    "capture": lambda charges, name: charges.capture_charge(
        name, REQUEST, idempotency_key="capture_1"
    ),
}
ACTS = QUESTIONS | CHANGES

each_act = pytest.mark.parametrize("act", ACTS.values(), ids=ACTS)
each_question = pytest.mark.parametrize("act", QUESTIONS.values(), ids=QUESTIONS)
each_change = pytest.mark.parametrize("act", CHANGES.values(), ids=CHANGES)
on_a_payment = pytest.mark.parametrize(
    "act", [ACTS[name] for name in ("retrieve", "cancel", "capture")]
)


def capture(charges: Charges, payment_id: str) -> ChargeStatement:
    return charges.capture_charge(payment_id, REQUEST, idempotency_key="capture_1")


# ── What a processor may say ─────────────────────────────────────────────────


@each
def test_what_was_captured_says_what_moved(charges, samples, raw_server):
    raw_server.answer = answers(samples.charged(REQUEST))

    charged = charges.charge(REQUEST)

    assert charges.retrieve_charge(samples.PAYMENT_ID, REQUEST) == charged
    assert charged.state is ChargeState.CAPTURED
    assert charged.movement.state is MovementState.COMPLETED


@each
def test_a_held_charge_says_until_when(charges, samples, raw_server):
    raw_server.answer = answers(samples.held(HELD))

    for statement in (
        charges.charge(HELD),
        charges.retrieve_charge(samples.PAYMENT_ID, HELD),
    ):
        assert (statement.state, statement.movement) == (ChargeState.AUTHORIZED, None)
        assert statement.expires_at == samples.AUTHORIZED_UNTIL


@each
def test_what_is_under_way_is_pending_and_named(charges, samples, raw_server):
    raw_server.answer = answers(samples.pending(REQUEST))

    said = [charges.charge(REQUEST), charges.retrieve_charge(samples.PAYMENT_ID, REQUEST)]

    assert [statement.state for statement in said] == [ChargeState.PENDING] * 2
    assert {statement.external_id for statement in said} == {samples.PAYMENT_ID}


@each
def test_a_failed_charge_says_why(charges, samples, raw_server):
    raw_server.answer = answers(samples.failed(REQUEST))

    statement = charges.retrieve_charge(samples.PAYMENT_ID, REQUEST)

    assert statement.state is ChargeState.FAILED
    assert (statement.failure_code, statement.failure_message) == samples.FAILURE


@each
def test_a_canceled_charge_is_canceled(charges, samples, raw_server):
    raw_server.answer = answers(samples.canceled(REQUEST))

    statement = charges.retrieve_charge(samples.PAYMENT_ID, REQUEST)

    assert (statement.state, statement.movement) == (ChargeState.CANCELED, None)


# ── What is not believed ─────────────────────────────────────────────────────


@on_a_payment
@each
@pytest.mark.parametrize("state", ["charged", "held", "canceled", "failed", "pending"])
@pytest.mark.parametrize(
    "other",
    [
        replace(REQUEST, reference="leg_other"),
        replace(REQUEST, amount=REQUEST.amount + Money(1, "USD")),
        replace(REQUEST, amount=Money(75_00, "CAD"), tip=Money(10_00, "CAD")),
    ],
    ids=["reference", "amount", "currency"],
)
def test_another_payment_is_not_believed(charges, samples, raw_server, act, state, other):
    raw_server.answer = answers(getattr(samples, state)(other))

    with pytest.raises(AnswerLost):
        act(charges, samples.PAYMENT_ID)


@on_a_payment
@each
@pytest.mark.parametrize("state", ["charged", "canceled"])
def test_a_payment_of_another_name_is_not_believed(charges, samples, raw_server, act, state):
    raw_server.answer = answers(samples.renamed(getattr(samples, state)(REQUEST), "pi_2"))

    with pytest.raises(AnswerLost):
        act(charges, samples.PAYMENT_ID)


@pytest.mark.parametrize(
    ("act", "state"),
    [
        ("cancel", "held"),
        ("cancel", "charged"),
        ("cancel", "pending"),
        ("capture", "held"),
        ("capture", "canceled"),
        ("capture", "failed"),
    ],
)
@each
def test_a_success_that_did_not_do_it_is_not_believed(charges, samples, raw_server, act, state):
    raw_server.answer = answers(getattr(samples, state)(REQUEST))

    with pytest.raises(AnswerLost):
        ACTS[act](charges, samples.PAYMENT_ID)

    assert len(raw_server.requests) == 1


@each_act
@each
@pytest.mark.parametrize("status", [200, 302, 404, 409, 429, 500])
@pytest.mark.parametrize(
    "body", [HTML, "", "[]", "null", "{", b"\xff"], ids=["html", "", "[]", "null", "{", "bytes"]
)
def test_an_answer_not_in_the_vendors_form_is_lost(charges, raw_server, act, status, body):
    raw_server.answer = answers(body, status)

    with pytest.raises(AnswerLost):
        act(charges, "pi_1")


@each_act
@pytest.mark.parametrize(("processor", "unclear"), cases("UNCLEAR"))
def test_an_error_that_proves_nothing_is_lost(charges, raw_server, act, unclear):
    status, body = unclear
    raw_server.answer = answers(body, status)

    with pytest.raises(AnswerLost):
        act(charges, "pi_1")


BROKEN: dict[str, Answer] = {
    "reset": resets(),
    "closed": hangs_up_after(),
    "truncated": truncates({"id": "x" * 100}),
    "silent": is_silent(),
    "slow": drips({"id": "x" * 4000}, every_seconds=0.02),
}


@each_act
@each
@pytest.mark.parametrize("answer", BROKEN.values(), ids=BROKEN)
def test_an_answer_that_does_not_arrive_is_lost(charges, samples, raw_server, act, answer):
    raw_server.answer = answers(samples.charged(REQUEST))
    charges.retrieve_charge(samples.PAYMENT_ID, REQUEST)  # the SDK's first use takes its time
    raw_server.answer = answer

    lose_the_answer(lambda: act(charges, samples.PAYMENT_ID))


@each_act
@each
def test_without_a_connection_nothing_was_asked(access, samples, settings, closed_port_url, act):
    setattr(settings, samples.BASE_SETTING, closed_port_url)

    with pytest.raises(ProcessorNotReached):
        act(registry.get_adapter(access, Charges), "pi_1")


@each_act
@each
def test_a_revoked_key_is_refused(charges, samples, raw_server, act):
    status, body, _ = samples.REVOKED
    raw_server.answer = answers(body, status)

    with pytest.raises(CredentialsRefused):
        act(charges, "pi_1")


# ── Canceling and capturing what is in another state by now ──────────────────


@each_change
@pytest.mark.parametrize("state", ["charged", "canceled", "pending"])
@each
def test_a_refusal_is_explained_by_the_payments_state(charges, samples, raw_server, act, state):
    status, body = samples.not_in_this_state(REQUEST)
    said = getattr(samples, state)(REQUEST)
    raw_server.answer = in_turn(answers(body, status), answers(said))

    statement = act(charges, samples.PAYMENT_ID)

    raw_server.answer = answers(said)
    assert statement == charges.retrieve_charge(samples.PAYMENT_ID, REQUEST)


@each_change
@each
def test_a_refusal_that_the_state_does_not_explain_is_one(charges, samples, raw_server, act):
    status, body = samples.not_in_this_state(REQUEST)
    raw_server.answer = in_turn(answers(body, status), answers(samples.held(REQUEST)))

    with pytest.raises(RequestRefused):
        act(charges, samples.PAYMENT_ID)


@each_change
@each
@pytest.mark.parametrize("second", ["resets", "unknown", "revoked", "busy", "5xx"])
def test_a_refusal_that_cannot_be_explained_says_nothing(charges, samples, raw_server, act, second):
    """The same act may have succeeded when it was sent before."""
    status, body = samples.not_in_this_state(REQUEST)
    refusals = {error: answers(said, code) for code, said, error in samples.REFUSALS.values()}
    raw_server.answer = in_turn(
        answers(body, status),
        {
            "resets": resets(),
            "unknown": refusals[RequestRefused],
            "revoked": refusals[CredentialsRefused],
            "busy": answers(*samples.REFUSALS["slow down"][1::-1]),
            "5xx": answers("", 500),
        }[second],
    )

    with pytest.raises(AnswerLost):
        act(charges, samples.PAYMENT_ID)


@each
def test_a_capture_is_of_the_full_amount_under_its_own_key(charges, samples, raw_server, processor):
    raw_server.answer = answers(samples.charged(REQUEST))

    capture(charges, samples.PAYMENT_ID)
    capture(charges, samples.PAYMENT_ID)

    first, second = raw_server.requests
    assert (first.method, first.path, first.body) == (second.method, second.path, second.body)
    assert samples.PAYMENT_ID in first.path
    if processor == "stripe":
        assert first.headers["idempotency-key"] == second.headers["idempotency-key"] == "capture_1"
        assert b"amount_to_capture=7500" in first.body
