import json
import logging
import re

import pytest
from django.test import Client

from bookedbarber.foundation.request_ids import RequestIdFilter, get_request_id

UNKNOWN = "/api/v1/nothing-here"


def test_header_body_and_log_carry_the_same_id(client: Client, caplog) -> None:
    caplog.handler.addFilter(RequestIdFilter())

    answer = client.get(UNKNOWN)

    request_id = answer["X-Request-Id"]
    assert re.fullmatch(r"req_[0-9a-z]{26}", request_id)
    assert json.loads(answer.content)["error"]["request_id"] == request_id
    line = next(record for record in caplog.records if UNKNOWN in record.getMessage())
    assert line.request_id == request_id


def test_a_harmless_id_of_the_callers_is_taken_over(client: Client) -> None:
    answer = client.get(UNKNOWN, headers={"X-Request-Id": "trace-1234.a_b"})

    assert answer["X-Request-Id"] == "trace-1234.a_b"
    assert answer.json()["error"]["request_id"] == "trace-1234.a_b"


@pytest.mark.parametrize(
    "offered",
    ["short", "x" * 65, "with blank", "line\u0085break", "a\nb: cccccc", "<script>1234", ""],
)
def test_any_other_is_replaced(client: Client, offered: str) -> None:
    answer = client.get(UNKNOWN, headers={"X-Request-Id": offered})

    assert answer["X-Request-Id"].startswith("req_")


def test_every_request_has_an_id_of_its_own(client: Client) -> None:
    ids = {client.get(UNKNOWN)["X-Request-Id"] for _ in range(5)}

    assert len(ids) == 5


def test_outside_of_a_request_there_is_none(client: Client) -> None:
    client.get(UNKNOWN)
    record = logging.LogRecord("a", logging.INFO, __file__, 1, "b", (), None)

    assert get_request_id() == "-"
    assert RequestIdFilter().filter(record)
    assert vars(record)["request_id"] == "-"
