"""What adapters repeat, and how they leave an account alone: every method, with the real SDKs."""

import time
from dataclasses import replace

import pytest

from processors import registry
from processors.contract import AccountChecks, Charges
from processors.errors import (
    AnswerLost,
    CardDeclined,
    CredentialsRefused,
    ProcessorBusy,
    ProcessorNotReached,
)
from processors.transport import AccountLeftAlone, is_open, time_limit
from tests.processors.contract_cases import REQUEST, each_processor
from tests.processors.raw_server import answers, drips, hangs_up_after, in_turn, is_silent
from tests.processors.test_statement_contract import ACTS, CHANGES, QUESTIONS

WRITES = CHANGES | {"charge": lambda charges, _: charges.charge(REQUEST)}
EVERY = WRITES | QUESTIONS

each_write = pytest.mark.parametrize("act", WRITES.values(), ids=WRITES)
each_question = pytest.mark.parametrize("act", QUESTIONS.values(), ids=QUESTIONS)
each_act = pytest.mark.parametrize("act", EVERY.values(), ids=EVERY)


@pytest.fixture
def busy(samples):
    """Answers "slow down", with these headers."""
    status, body, _ = samples.REFUSALS["slow down"]
    return lambda **headers: answers(body, status, **headers)


# ── Slow down ────────────────────────────────────────────────────────────────


@each_processor
def test_a_charge_told_to_slow_down_is_the_same_charge_again(charges, samples, raw_server, busy):
    raw_server.answer = in_turn(busy(), busy(), answers(samples.charged(REQUEST)))

    charges.charge(REQUEST)

    first, *others = raw_server.requests
    assert others == [first, first]


@each_act
@each_processor
def test_who_is_always_told_to_slow_down_gives_up(charges, raw_server, busy, act, settings):
    settings.PROCESSOR_RETRIES = 2
    raw_server.answer = busy()

    with pytest.raises(ProcessorBusy):
        act(charges, "pi_1")

    assert len(raw_server.requests) == 3


@each_processor
def test_it_comes_back_when_it_is_told_to(charges, samples, raw_server, busy, settings):
    settings.PROCESSOR_RETRY_SECONDS = 0.01
    raw_server.answer = in_turn(busy(Retry_After="1"), answers(samples.charged(REQUEST)))
    started = time.monotonic()

    charges.charge(REQUEST)

    assert 1 <= time.monotonic() - started < 60


@each_processor
def test_who_is_told_to_come_back_too_late_does_not_wait(charges, raw_server, busy):
    raw_server.answer = busy(Retry_After="600")
    started = time.monotonic()

    with pytest.raises(ProcessorBusy) as raised:
        charges.charge(REQUEST)

    assert raised.value.details["retry_after"] == 600
    assert len(raw_server.requests) == 1
    assert time.monotonic() - started < 60


@each_processor
@pytest.mark.parametrize("header", ["soon", "-5", "1e9", "Wed, 21 Oct 2037 07:28:00 GMT", ""])
def test_a_time_it_cannot_read_is_its_own(charges, samples, raw_server, busy, header):
    raw_server.answer = in_turn(busy(Retry_After=header), answers(samples.charged(REQUEST)))

    charges.charge(REQUEST)

    assert len(raw_server.requests) == 2


@each_processor
def test_what_was_lost_after_slow_down_is_lost(charges, raw_server, busy):
    raw_server.answer = in_turn(busy(), hangs_up_after())

    with pytest.raises(AnswerLost):
        charges.charge(REQUEST)

    assert len(raw_server.requests) == 2


# ── Lost, and not heard ──────────────────────────────────────────────────────


@each_write
@each_processor
@pytest.mark.parametrize("answer", [answers("", 500), answers("<html>", 200), hangs_up_after()])
def test_what_moves_something_is_never_repeated(charges, raw_server, act, answer):
    raw_server.answer = answer

    with pytest.raises(AnswerLost):
        act(charges, "pi_1")

    assert len(raw_server.requests) == 1


@each_question
@each_processor
@pytest.mark.parametrize("answer", [answers("", 500), answers("<html>", 200), hangs_up_after()])
def test_a_question_is_asked_again(charges, samples, raw_server, act, answer):
    status, body, _ = samples.REVOKED
    raw_server.answer = in_turn(answer, answer, answer, answers(body, status))

    with pytest.raises(CredentialsRefused):
        act(charges, "pi_1")

    assert len(raw_server.requests) == 4


@each_question
@each_processor
def test_a_question_is_not_asked_for_ever(charges, raw_server, act):
    raw_server.answer = answers("", 503)

    with pytest.raises(AnswerLost):
        act(charges, "pi_1")

    assert len(raw_server.requests) == 4


@each_question
@each_processor
def test_a_question_ends_with_its_callers_time(charges, raw_server, act, settings):
    settings.PROCESSOR_RETRY_SECONDS = 100.0
    raw_server.answer = answers("", 503)
    started = time.monotonic()

    with pytest.raises(AnswerLost), time_limit(50):
        act(charges, "pi_1")

    assert len(raw_server.requests) == 1
    assert time.monotonic() - started < 60


@each_act
@each_processor
@pytest.mark.parametrize("answer", ["slow", "silent", "busy"])
def test_an_act_ends_in_its_own_time(charges, raw_server, busy, act, answer, settings):
    settings.PROCESSOR_TIMEOUT_SECONDS = 0.3
    settings.PROCESSOR_RETRIES = 1000
    raw_server.answer = {
        "slow": drips({"id": "x" * 4000}, every_seconds=0.02),
        "silent": is_silent(),
        "busy": busy(),
    }[answer]
    started = time.monotonic()

    with pytest.raises((AnswerLost, ProcessorNotReached)), time_limit(60):
        act(charges, "pi_1")

    assert time.monotonic() - started < 40


# ── An account that keeps failing ────────────────────────────────────────────


def fail(charges: Charges, act, times: int) -> None:
    for _ in range(times):
        with pytest.raises((AnswerLost, ProcessorNotReached)):
            act(charges, "pi_1")


@each_act
@each_processor
def test_an_account_that_keeps_failing_is_left_alone(charges, access, raw_server, act, settings):
    settings.PROCESSOR_RETRIES = 0
    raw_server.answer = answers("", 500)
    fail(charges, act, settings.BREAKER_FAILURES)

    with pytest.raises(AccountLeftAlone) as raised:
        act(charges, "pi_1")

    assert is_open(access)
    assert 1 <= raised.value.details["retry_after"] <= settings.BREAKER_OPEN_SECONDS
    assert len(raw_server.requests) == settings.BREAKER_FAILURES


@each_processor
def test_an_account_that_is_not_reached_is_left_alone(access, samples, settings, closed_port_url):
    setattr(settings, samples.BASE_SETTING, closed_port_url)
    fail(registry.get_adapter(access, Charges), WRITES["charge"], settings.BREAKER_FAILURES)

    assert is_open(access)


@each_processor
def test_other_accounts_go_on(charges, access, samples, raw_server, settings):
    raw_server.answer = answers("", 500)
    fail(charges, WRITES["charge"], settings.BREAKER_FAILURES)
    raw_server.answer = answers(samples.charged(REQUEST))
    others = [
        replace(access, account_id="acct_2"),
        replace(access, environment="production", account_id=access.account_id),
    ]

    for other in others:
        registry.get_adapter(other, Charges).charge(REQUEST)
        assert not is_open(other)
    assert is_open(access)


@each_processor
def test_no_refusal_and_no_decline_is_a_failure(charges, access, samples, raw_server, settings):
    settings.PROCESSOR_RETRIES = 0
    status, body, _ = samples.decline(REQUEST)
    refusals = [(code, said, error) for code, said, error in samples.REFUSALS.values()]
    for code, said, error in [(status, body, CardDeclined), *refusals] * 2:
        raw_server.answer = answers(said, code)
        with pytest.raises(error):
            charges.charge(REQUEST)

    assert not is_open(access)


@each_processor
def test_our_own_lateness_is_no_failure_of_the_account(charges, access, raw_server, settings):
    with time_limit(0):
        fail(charges, WRITES["charge"], settings.BREAKER_FAILURES + 1)

    assert not is_open(access)
    assert raw_server.requests == []


@each_processor
def test_a_person_may_ask_an_account_that_is_left_alone(charges, access, raw_server, settings):
    raw_server.answer = answers("", 500)
    fail(charges, WRITES["charge"], settings.BREAKER_FAILURES)

    with pytest.raises(AnswerLost):
        registry.get_adapter(access, AccountChecks).describe_account()


def test_every_method_is_tested():
    methods = {name for name in vars(Charges) if name.endswith("charge") and name[0] != "_"}

    assert len(methods) == len(EVERY)
    assert set(ACTS) <= set(EVERY)
