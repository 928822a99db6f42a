from typing import Any

import pytest
from django.core.cache import caches

from bookedbarber.foundation.caching import ForgivingRedisCache


@pytest.fixture
def cache(settings, closed_port: int):
    """A cache whose Redis is away."""
    settings.CACHES = {
        "default": {
            **settings.CACHES["default"],
            "LOCATION": f"redis://127.0.0.1:{closed_port}/0",
        }
    }
    return caches["default"]


def test_with_redis_it_is_an_ordinary_cache() -> None:
    cache = caches["default"]

    assert isinstance(cache, ForgivingRedisCache)
    cache.set("a", {"b": 1}, timeout=10)
    assert cache.get("a") == {"b": 1}
    assert not cache.add("a", 2)
    assert cache.delete("a")
    assert cache.get("a", "nothing") == "nothing"


def test_without_redis_it_answers_a_miss_and_says_so(cache, caplog) -> None:
    cache.set("a", 1)

    assert cache.get("a") is None
    assert cache.get("a", "nothing") == "nothing"
    assert not cache.delete("a")
    assert "The cache did not answer" in caplog.text


def test_without_redis_who_waits_to_add_a_value_goes_on(cache) -> None:
    assert cache.add("lock", 1)
    assert cache.get_or_set("a", lambda: 5) == 5


def test_a_count_goes_up_and_is_forgotten_after_its_time() -> None:
    cache: Any = caches["default"]

    assert [cache.count("seen", timeout=100) for _ in range(3)] == [1, 2, 3]

    client = cache._cache.get_client(write=True)
    assert 0 < client.ttl(cache.make_key("seen")) <= 100


def test_a_later_count_does_not_put_the_forgetting_off() -> None:
    cache: Any = caches["default"]
    cache.count("seen", timeout=100)

    cache.count("seen", timeout=1000)

    assert cache._cache.get_client(write=True).ttl(cache.make_key("seen")) <= 100


def test_without_redis_every_count_is_the_first(cache: Any) -> None:
    assert [cache.count("seen", timeout=100) for _ in range(2)] == [1, 1]


def test_commands_share_a_client() -> None:
    cache: Any = caches["default"]

    assert cache._cache.get_client(write=True) is cache._cache.get_client(write=True)
