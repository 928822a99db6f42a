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
