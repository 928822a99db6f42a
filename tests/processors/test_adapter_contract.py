"""What every adapter must do with a charge: the vendor's real SDK and a server that misbehaves."""

import json
import logging
import traceback

import pytest

from bookedbarber.foundation.errors import DomainError
from processors import registry
from processors.contract import (
    AccountAccess,
    AccountChecks,
    Charges,
    ChargeState,
    MovementState,
)
from processors.errors import (
    AnswerLost,
    CardDeclined,
    CredentialsRefused,
    ProcessorNotReached,
)
from tests.processors.contract_cases import HTML, REQUEST, cases, each_processor
from tests.processors.raw_server import (
    answers,
    drips,
    hangs_up_after,
    is_silent,
    resets,
    truncates,
)
from tests.processors.short_limits import lose_the_answer


@each_processor
def test_it_declares_what_it_can_do(access):
    assert isinstance(registry.get_adapter(access, AccountChecks), AccountChecks)
    assert isinstance(registry.get_adapter(access, Charges), Charges)


@each_processor
def test_it_declares_what_a_person_must_paste(processor, samples):
    fields = registry.get_credential_fields(processor)

    assert {field.name for field in fields} == set(samples.CREDENTIALS)
    assert any(field.is_secret and field.is_required for field in fields)


@each_processor
def test_a_captured_charge_says_what_moved(charges, samples, raw_server):
    raw_server.answer = answers(samples.charged(REQUEST))

    result = charges.charge(REQUEST)

    assert (result.state, result.external_id) == (ChargeState.CAPTURED, samples.PAYMENT_ID)
    moved = result.movement
    assert moved is not None
    assert (moved.amount, moved.tip) == (REQUEST.amount, REQUEST.tip)
    assert (moved.state, moved.our_reference) == (MovementState.COMPLETED, REQUEST.reference)
    assert moved.fee.currency == "USD"
    assert moved.fee.amount_minor > 0


@each_processor
def test_the_same_request_is_the_same_to_the_processor(charges, samples, raw_server):
    raw_server.answer = answers(samples.charged(REQUEST))

    charges.charge(REQUEST)
    charges.charge(REQUEST)

    first, second = raw_server.requests
    assert first == second
    assert REQUEST.reference in f"{first.headers} {first.body.decode()}"


@each_processor
def test_what_is_kept_of_the_answer_is_json_without_secrets(charges, samples, raw_server):
    raw_server.answer = answers(samples.charged(REQUEST))

    raw = json.dumps(charges.charge(REQUEST).movement.raw, allow_nan=False)

    assert REQUEST.reference in raw
    assert "_secret_" not in raw


@pytest.mark.parametrize(("processor", "body"), cases("answers_about_something_else", REQUEST))
def test_an_answer_about_something_else_is_lost(charges, raw_server, body):
    raw_server.answer = answers(body)

    with pytest.raises(AnswerLost):
        charges.charge(REQUEST)


@each_processor
def test_a_decline_says_why_and_names_the_payment(charges, samples, raw_server):
    status, body, reason = samples.decline(REQUEST)
    raw_server.answer = answers(body, status)

    with pytest.raises(CardDeclined) as raised:
        charges.charge(REQUEST)

    assert (raised.value.reason, raised.value.external_id) == (reason, samples.PAYMENT_ID)


@pytest.mark.parametrize(("processor", "answer"), cases("declines_about_something_else", REQUEST))
def test_a_decline_that_does_not_fit_is_lost(charges, raw_server, answer):
    status, body = answer
    raw_server.answer = answers(body, status)

    with pytest.raises(AnswerLost):
        charges.charge(REQUEST)


@pytest.mark.parametrize(("processor", "refusal"), cases("REFUSALS"))
def test_a_well_formed_refusal_is_final(charges, raw_server, refusal):
    status, body, error = refusal
    raw_server.answer = answers(body, status)

    with pytest.raises(error) as raised:
        charges.charge(REQUEST)

    assert type(raised.value) is error
    assert raised.value.details["status"] == status


@pytest.mark.parametrize(("processor", "unclear"), cases("UNCLEAR"))
def test_an_error_that_proves_nothing_is_lost(charges, raw_server, unclear):
    status, body = unclear
    raw_server.answer = answers(body, status)

    with pytest.raises(AnswerLost):
        charges.charge(REQUEST)

    assert len(raw_server.requests) == 1


@each_processor
@pytest.mark.parametrize("status", [200, 302, 400, 401, 402, 403, 404, 409, 429, 500, 502, 504])
@pytest.mark.parametrize(
    "body",
    [HTML, "", "[]", "null", '"text"', "1e999", "{", b"\xff\xfe", "[" * 20_000],
    ids=["html", "nothing", "list", "null", "text", "infinity", "half", "binary", "deep"],
)
def test_an_answer_not_in_the_vendors_form_is_lost(charges, raw_server, status, body):
    raw_server.answer = answers(body, status)

    with pytest.raises(AnswerLost):
        charges.charge(REQUEST)

    assert len(raw_server.requests) == 1


@each_processor
@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(resets(), id="reset"),
        pytest.param(hangs_up_after(), id="closed"),
        pytest.param(truncates({"id": "x" * 100}), id="truncated"),
        pytest.param(is_silent(), id="silent"),
        pytest.param(drips({"id": "x" * 4000}, every_seconds=0.02), id="slow"),
    ],
)
def test_an_answer_that_does_not_arrive_is_lost(charges, samples, raw_server, answer):
    raw_server.answer = answers(samples.charged(REQUEST))
    charges.charge(REQUEST)  # so that the limit is not spent on the SDK's first use
    raw_server.answer = answer

    lose_the_answer(lambda: charges.charge(REQUEST))

    assert len(raw_server.requests) == 2


@each_processor
def test_without_a_connection_nothing_was_charged(access, samples, settings, closed_port_url):
    setattr(settings, samples.BASE_SETTING, closed_port_url)

    with pytest.raises(ProcessorNotReached):
        registry.get_adapter(access, Charges).charge(REQUEST)


@each_processor
@pytest.mark.parametrize("kind", ["decline", "refusal", "lost", "garbage", "list"])
def test_no_failure_shows_a_secret(charges, samples, raw_server, caplog, kind):
    caplog.set_level(logging.DEBUG)
    secrets = [*samples.CREDENTIALS.values(), REQUEST.payment_token, "very_secret"]
    decline_status, decline_body, _ = samples.decline(REQUEST)
    raw_server.answer = {
        "decline": answers(decline_body, decline_status),
        "refusal": answers(decline_body, 400),
        "lost": answers(decline_body, 500),
        "garbage": answers(f"{secrets}"),
        "list": answers(secrets),
    }[kind]

    with pytest.raises(DomainError) as raised:
        charges.charge(REQUEST)

    shown = "".join(traceback.format_exception(raised.value)) + str(raised.value.details)
    assert [secret for secret in secrets[:1] + secrets[-2:] if secret in shown + caplog.text] == []
    assert raised.value.__cause__ is raised.value.__context__ is None


@each_processor
@pytest.mark.parametrize("value", ["", "with space", "line\nbreak", "ünïcode", "x" * 3000])
def test_credentials_that_cannot_be_sent_are_refused_at_once(access, raw_server, value):
    required = [f.name for f in registry.get_credential_fields(access.processor) if f.is_required]
    bad = AccountAccess(
        processor=access.processor,
        environment="sandbox",
        account_id="acct_1",
        credentials={**access.credentials, required[0]: value},
    )

    with pytest.raises(CredentialsRefused) as raised:
        registry.get_adapter(bad, Charges)

    assert not value or value not in str(raised.value)
    assert raw_server.requests == []
