import json
import logging
import time
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bookedbarber.foundation.ids import new_public_id
from bookedbarber.foundation.redaction import MASK, RedactingFormatter, redact

JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ1c3JfMSJ9.c2lnbmF0dXJlLW9mLWl0"
PEM = "-----BEGIN RSA PRIVATE KEY-----\nMIIEow\nIBAAKC\n-----END RSA PRIVATE KEY-----"

SECRETS = [
    "sk_test_4eC39HqLyjWDarjtT1zdp7dc",
    "sk_live_4eC39HqLyjWDarjtT1zdp7dc",
    "rk_live_4eC39HqLyjWDarjtT1zdp7dc",
    "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
    "pi_3MtwBwLkdIwHu7ix28a3tqPa_secret_YrKJUKribcBjcG8HVhfZluoGH",
    "seti_1Mm8s8LkdIwHu7ix0OXBfTRG_secret_NXDICkPqPeiBTAFqWmkbff09lRmSVXe",
    "EAAAEOuLQObrVwJvCvoio3H13b8Ssqz1ighmTBKZvIENW9qxirHGHkqsGcPBC1uN",
    "EQAAEOuLQObrVwJvCvoio3H13b8Ssqz1ighmTBKZvIENW9qxirHGHkqsGcPBC1uN",
    "sq0atp-6y_2MzQqLxh4_kQbOAj5Zg",
    "sq0csp-VuGUsiGxQmxBoGWeqcFEAyW3oMzqzzKSlHTk3ukCiu4",
    "cnon:CBASEG5dh3lCSYmpvkRi2ssHGRQ",
    JWT,
    PEM,
    "4242424242424242",
    "4242 4242 4242 4242",
    "4242-4242-4242-4242",
    "378282246310005",
    "3782 822463 10005",
    "6011111111111117",
]


@pytest.mark.parametrize("secret", SECRETS)
@pytest.mark.parametrize(
    "line", ["{}", "charged with {} today", '{{"value": "{}"}}', "key={};", "({!r},)", "id_{}"]
)
def test_a_secret_is_known_by_its_shape_wherever_it_stands(line: str, secret: str) -> None:
    text = redact(line.format(secret))

    assert secret not in text
    assert MASK in text


NAMED = [
    "password=hunter2-x",
    "password = 'hunter2-x'",
    "PASSWORD: hunter2-x",
    "password='hunter2-x, and more'",
    '{"password": "hunter2-x"}',
    '{"password":"with \\"quotes\\" hunter2-x"}',
    '{"password": "ends in a backslash hunter2-x\\\\"}',
    '{"a": 1, "client_secret": "hunter2-x", "b": 2}',
    "{'refresh_token': 'hunter2-x'}",
    "{'token': 'hunter2-x'}",
    "{b'password': b'hunter2-x'}",
    '"{\\"password\\": \\"hunter2-x\\"}"',
    "credentials={'secret': 'hunter2-x'}",
    "credentials=['abc', 'hunter2-x']",
    "webhook_secrets=['hunter2-x']",
    "DATABASE_PASSWORD=hunter2-x",
    "ENCRYPTION_KEY=hunter2-x",
    "X-Api-Key: hunter2-x",
    "headers['X-Api-Key'] = 'hunter2-x'",
    "clientSecret: hunter2-x",
    "api_secret=>hunter2-x",
    "Authorization: Bearer hunter2-x",
    "Authorization: Basic aHVudGVyMi14 hunter2-x",
    "Authorization: Digest username=me, response=hunter2-x",
    "{'Authorization': 'Bearer hunter2-x'}",
    "('Authorization', 'Bearer hunter2-x')",
    "[(b'authorization', b'Bearer hunter2-x')]",
    "Cookie: theme=dark; sessionid=hunter2-x",
    "Set-Cookie: sessionid=hunter2-x; Path=/; HttpOnly",
    "{'Cookie': 'theme=dark; sessionid=hunter2-x'}",
    "Stripe-Signature: t=1700000000,v1=hunter2-x",
    "x-square-hmacsha256-signature: hunter2-x",
    '{"Stripe-Signature": "t=1700000000,v1=hunter2-x"}',
    "GET /callback?code=1&access_token=hunter2-x&state=2",
    "cvc='hunter2-x'",
    "sent Bearer hunter2-x to them",
    "postgres://barber:hunter2-x@db.example.com:5432/barber",
    "postgres://barber:hunter2-x%40@db.example.com/barber",
    "postgres://barber:p@ss/hunter2-x@db.example.com/barber",
    "redis://:hunter2-x@cache.example.com:6379/0",
    "HTTPS://me:hunter2-x@example.com",
    'could not connect to "amqp://me:hunter2-x@mq.example.com//"',
    '{"password": "never closed hunter2-x',
]


@pytest.mark.parametrize("line", NAMED)
def test_a_secret_is_known_by_the_name_before_it(line: str) -> None:
    text = redact(line)

    assert "hunter2" not in text
    assert MASK in text


def test_what_stands_around_a_secret_stays_readable() -> None:
    assert redact("user=ann, password=hunter2, amount=75.00") == (
        f"user=ann, password={MASK}, amount=75.00"
    )
    assert redact("postgres://ann:hunter2@db:5432/shop?sslmode=on") == (
        f"postgres://ann:{MASK}@db:5432/shop?sslmode=on"
    )
    assert redact("?access_token=hunter2&state=2 answered") == (
        f"?access_token={MASK}&state=2 answered"
    )
    assert redact('{"secret": "hunter2", "name": "Ann"}') == f'{{"secret": {MASK}, "name": "Ann"}}'


@pytest.mark.parametrize(
    "text",
    [
        "pay_01jd2mzv9k3c8w5x7y0q4r6t2b settled on con_01jd2mzv9k3c8w5x7y0q4r6t2b",
        "leg_01jd2mzv9k3c8w5x7y0q4r6t2b is unknown",
        "pi_3MtwBwLkdIwHu7ix28a3tqPa succeeded, charge ch_3MtwBwLkdIwHu7ix28a3tqPa",
        "payment method pm_card_visa of acct_1032D82eZvKYlo2C",
        "request 550e8400-e29b-41d4-a716-446655440000",
        "call +1 (555) 123-4567 or 0049 30 901820",
        "at 2026-11-22 04:17:41,123 and 2026-11-23T04:17:41.123456Z",
        "from 2026-11-22 to 2026-12-22, 1234 rows in 0.25 s",
        "since 1763785061, 1763785061123 ms, 1763785061123456789 ns",
        "order 4242424242424241 and receipt 2026112204174114",
        "amount_minor=7500 currency=USD fee=2.48",
        "ann@example.com saw https://example.com:8443/a/b?c=d and http://10.0.0.1:8000/ann@example",
        "http://[::1]:8000/people/ann@example.com",
        "The password was changed; log in again",
        "The refresh token is expired, revoked or not ours",
        'token_type: "Bearer", expires_in: 900',
        "secret_count=3, password_at=2026-11-22, token_type=Bearer",
        '{"error": {"code": "INVALID_TOKEN", "message": "Token is invalid"}}',
    ],
)
def test_ordinary_text_is_left_alone(text: str) -> None:
    assert redact(text) == text


def test_ids_are_left_alone() -> None:
    ids = [new_public_id(kind) for kind in ("pay", "leg", "con", "req") for _ in range(250)]
    text = " ".join(ids + [str(uuid.UUID(int=n << 64 | 0xA << 60)) for n in range(250)])

    assert redact(text) == text


@given(st.text())
def test_redacting_twice_changes_nothing_more_and_never_fails(text: str) -> None:
    once = redact(text)

    assert redact(once) == once


@pytest.mark.parametrize(
    "part",
    ["a", "secret", "password=", "token='", "https://a:", "4 ", "credentials=(", "a.b-c", "\\"],
)
def test_a_very_long_line_does_not_hold_up_the_program(part: str) -> None:
    line = part * (300_000 // len(part))
    # The processor's time, not the clock's: others may be using the machine.
    started = time.thread_time()

    redact(line)

    assert time.thread_time() - started < 20


def format_record(message: object, *arguments: object, error: Exception | None = None) -> str:
    record = logging.LogRecord(
        "bookedbarber",
        logging.INFO,
        __file__,
        1,
        message,
        arguments,
        (type(error), error, error.__traceback__) if error else None,
    )
    return RedactingFormatter("%(levelname)s %(message)s").format(record)


def test_arguments_are_redacted_after_they_are_filled_in() -> None:
    line = format_record("sent %s with %r", {"password": "hunter2"}, b"Bearer hunter2-secret")

    assert "hunter2" not in line


def test_exceptions_and_their_causes_are_redacted() -> None:
    try:
        try:
            raise ValueError("no such key sk_live_4eC39HqLyjWDarjtT1zdp7dc")
        except ValueError as error:
            raise RuntimeError("postgres://ann:hunter2@db/shop") from error
    except RuntimeError as error:
        line = format_record("failed", error=error)

    assert "Traceback" in line
    assert "hunter2" not in line
    assert "4eC39HqLyjWDarjtT1zdp7dc" not in line


def test_json_is_redacted_at_every_depth() -> None:
    body = {"a": [{"b": {"access_token": "hunter2"}}], "cookies": {"sessionid": "hunter2"}}

    assert "hunter2" not in redact(json.dumps(body))
    assert "hunter2" not in redact(json.dumps(body, indent=2))
    assert "hunter2" not in redact(json.dumps(json.dumps(body)))


def test_a_message_that_cannot_be_filled_in_is_still_written_and_redacted(capsys) -> None:
    line = format_record("%d cents", "password=hunter2")

    assert "could not be formatted" in line
    assert "hunter2" not in line
    assert "hunter2" not in capsys.readouterr().err
