"""What may come as a request's body, and what happens to the rest."""

import json
from typing import Any

import pytest
from rest_framework.test import APIClient

URL = "/api/v1/echo"


def send(client: APIClient, body: bytes | str) -> Any:
    return client.generic("POST", URL, body, content_type="application/json")  # type: ignore[arg-type]


def get_message(answer: Any) -> str:
    assert answer.status_code == 400, answer.content
    error = answer.json()["error"]
    assert error["code"] == "VALIDATION_ERROR"
    return str(error["message"])


@pytest.mark.parametrize(
    ("number", "exact"),
    [
        ('"75.00"', "75.00"),
        ("75", "75"),
        ("75.005", "75.005"),
        ("0.1", "0.1"),
        ("1e3", "1E+3"),
        ("-5", "-5"),
        ("12345678901234567.89", "12345678901234567.89"),
    ],
)
def test_numbers_stay_as_exact_as_they_were_sent(
    anybody: APIClient, number: str, exact: str
) -> None:
    assert send(anybody, f'{{"amount": {number}}}').json() == {"amount": exact}


@pytest.mark.parametrize(
    "value",
    [
        '"abc"', '""', '" 1"', '"1_000"', '"NaN"', '"Infinity"', '"1e99"', '"1e-99"', "1e99",
        "null", "true", "[]", "{}", '"' + "9" * 41 + '"', "9" * 400, '"١"',
    ],
)  # fmt: skip
def test_what_is_no_exact_number_is_refused_by_the_fields_name(
    anybody: APIClient, value: str
) -> None:
    assert get_message(send(anybody, f'{{"amount": {value}}}')).startswith("amount: ")


@pytest.mark.parametrize(
    "body",
    [
        "{", '{"amount": }', "{'amount': 1}", '{"amount": NaN}', '{"amount": Infinity}',
        '{"amount": -Infinity}', '{"amount": 1e99999999999999999999}', '{"amount": 1,}',
        "not json", b"\xff\xfe", b'{"amount": "\xff"}', '{"amount": 1} {}', "\x00",
        '{"amount": ' + "9" * 5000 + "}", "[" * 100_000, '{"a":' * 100_000,
        '{"amount": 1}'.encode("utf-16"), '{"amount": "\n"}',
    ],
)  # fmt: skip
def test_broken_json_is_refused(anybody: APIClient, body: bytes | str) -> None:
    assert get_message(send(anybody, body)) == "The request body is not valid JSON"


@pytest.mark.parametrize("body", ["[]", "[1, 2]", '"text"', "1", "null", "true"])
def test_a_body_is_an_object(anybody: APIClient, body: str) -> None:
    assert get_message(send(anybody, body)) == "The request body must be a JSON object"


@pytest.mark.parametrize("levels", [32, 300, 5000])
def test_a_deeply_nested_body_is_refused(anybody: APIClient, levels: int) -> None:
    body = '{"amount": "1", "metadata": ' + '{"a":' * levels + "1" + "}" * levels + "}"

    assert get_message(send(anybody, body)) in {
        "The request body is nested more than 32 levels deep",
        "The request body is not valid JSON",  # deeper than the reader itself goes
    }


def test_thirty_levels_are_enough_for_everybody(anybody: APIClient) -> None:
    body = '{"amount": "1", "metadata": ' + '{"a":' * 30 + "1" + "}" * 30 + "}"

    assert send(anybody, body).status_code == 200


@pytest.mark.parametrize(
    "body",
    [
        '{"amount": "1", "metadata": {"note": "\\u0000"}}',
        '{"amount": "1", "metadata": {"\\u0000": "note"}}',
        '{"amount": "1", "metadata": {"notes": ["\\ud800"]}}',
        '{"\\udfff": "1"}',
    ],
)
def test_characters_that_cannot_be_stored_are_refused(anybody: APIClient, body: str) -> None:
    assert get_message(send(anybody, body)) == (
        "The request body contains characters that cannot be stored"
    )


def test_characters_beyond_the_basic_plane_are_welcome(anybody: APIClient) -> None:
    body = {"amount": "1", "metadata": {"note": "✂️ 💈 \u00e9"}}

    assert send(anybody, json.dumps(body)).status_code == 200
    assert send(anybody, json.dumps(body, ensure_ascii=False).encode()).status_code == 200


def test_an_oversized_body_is_refused(anybody: APIClient, settings) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000
    just_fits = b'{"amount": "1"}'.ljust(1000)

    assert send(anybody, just_fits).status_code == 200
    assert get_message(send(anybody, just_fits + b" ")) == (
        "The request body is larger than 1000 bytes"
    )


@pytest.mark.parametrize("body", ["", "{}"])
def test_an_empty_body_lacks_its_fields_by_name(anybody: APIClient, body: str) -> None:
    assert get_message(send(anybody, body)) == "amount: This field is required."


def test_unknown_fields_are_refused_by_name(anybody: APIClient) -> None:
    answer = send(anybody, '{"amount": "1", "amuont": "2", "color": "red"}')

    assert get_message(answer) == "amuont: This field is not known."
    assert answer.json()["error"]["details"] == {
        "amuont": ["This field is not known."],
        "color": ["This field is not known."],
    }


def test_unknown_fields_of_a_part_are_refused_too(anybody: APIClient) -> None:
    answer = send(anybody, '{"amount": "1", "parts": [{"name": "a"}, {"name": "b", "x": 1}]}')

    assert "This field is not known." in get_message(answer)
    assert "x" in str(answer.json()["error"]["details"])
