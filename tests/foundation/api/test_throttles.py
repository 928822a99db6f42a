import time
from functools import partial

import pytest
import time_machine
from django.core.cache import caches
from rest_framework.test import APIClient

from bookedbarber.accounts.tokens import issue_tokens
from bookedbarber.foundation.api.throttles import Blocks
from tests import factories
from tests.payments.books import at_once

pytestmark = pytest.mark.django_db

URL = "/api/v1/throttled"


@pytest.fixture(autouse=True)
def _limit(settings) -> None:
    settings.THROTTLE_LIMITS = {"routing": 3}
    caches["default"].clear()


def log_in(client: APIClient) -> APIClient:
    token = issue_tokens(factories.create_user()).access
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {token}")
    return client


@time_machine.travel("2026-11-22T12:30:00Z", tick=False)
def test_each_answer_says_how_many_are_left(anybody: APIClient) -> None:
    client = log_in(anybody)

    answers = [client.get(URL) for _ in range(3)]

    assert [answer.status_code for answer in answers] == [200, 200, 200]
    assert [answer["X-RateLimit-Limit"] for answer in answers] == ["3", "3", "3"]
    assert [answer["X-RateLimit-Remaining"] for answer in answers] == ["2", "1", "0"]
    assert int(answers[0]["X-RateLimit-Reset"]) - time.time() == 1800


def test_above_the_limit_it_is_429_with_the_time_to_wait(anybody: APIClient) -> None:
    client = log_in(anybody)
    with time_machine.travel("2026-11-22T12:30:00Z", tick=False):
        client.credentials(
            HTTP_AUTHORIZATION=f"Bearer {issue_tokens(factories.create_user()).access}"
        )
        for _ in range(3):
            client.get(URL)

        answer = client.get(URL)

    assert answer.status_code == 429
    assert answer.json()["error"]["code"] == "RATE_LIMIT_EXCEEDED"
    assert answer["Retry-After"] == "1800"
    assert answer["X-RateLimit-Remaining"] == "0"
    assert answer["X-RateLimit-Limit"] == "3"


def test_the_next_hour_begins_anew(anybody: APIClient) -> None:
    user = factories.create_user()
    statuses = []
    for moment in ("2026-11-22T12:59:59Z", "2026-11-22T13:00:00Z"):
        with time_machine.travel(moment, tick=False):
            anybody.credentials(HTTP_AUTHORIZATION=f"Bearer {issue_tokens(user).access}")
            statuses += [anybody.get(URL).status_code for _ in range(4)]

    assert statuses == [200, 200, 200, 429] * 2


@time_machine.travel("2026-11-22T12:30:00Z", tick=False)
def test_everybody_has_a_limit_of_his_own(anybody: APIClient) -> None:
    for _ in range(4):
        log_in(anybody).get(URL)

    assert anybody.get(URL)["X-RateLimit-Remaining"] == "1"


@time_machine.travel("2026-11-22T12:30:00Z", tick=False)
def test_who_is_not_logged_in_counts_by_address(anybody: APIClient) -> None:
    statuses = [anybody.get("/api/v1/throttled-by-address").status_code for _ in range(4)]
    other = anybody.get("/api/v1/throttled-by-address", REMOTE_ADDR="192.0.2.7")

    assert statuses == [200, 200, 200, 429]
    assert other.status_code == 200


def test_routes_without_a_limit_say_nothing_of_one(anybody: APIClient) -> None:
    assert not anybody.get("/api/v1/entries").has_header("X-RateLimit-Limit")


def test_without_redis_nobody_is_held_back(anybody: APIClient, settings, closed_port) -> None:
    settings.CACHES = {
        "default": {
            **settings.CACHES["default"],
            "LOCATION": f"redis://127.0.0.1:{closed_port}/0",
        }
    }
    client = log_in(anybody)

    answers = [client.get(URL) for _ in range(5)]

    assert {answer.status_code for answer in answers} == {200}
    assert {answer["X-RateLimit-Remaining"] for answer in answers} == {"2"}


def test_blocks_count_every_request_once(settings) -> None:
    """Two processes that take blocks of three in turns."""
    one, other = Blocks(), Blocks()

    numbers = [holder.take("throttle:blocks", 3) for holder in (one, other) for _ in range(4)]

    assert sorted(numbers) == [1, 2, 3, 4, 7, 8, 9, 10]


def test_a_block_is_given_out_to_many_threads_without_a_double() -> None:
    blocks = Blocks()

    numbers = at_once([partial(blocks.take, "throttle:threads", 5)] * 20)

    assert len(set(numbers)) == 20
