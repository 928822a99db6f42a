"""A cache that may be absent: without Redis everything works, only slower."""

from collections.abc import Callable
from logging import getLogger
from typing import Any

from django.core.cache.backends.redis import RedisCache
from redis.exceptions import RedisError

log = getLogger("bookedbarber.cache")


class ForgivingRedisCache(RedisCache):
    """Answers a miss, and forgets what it is given, while Redis cannot be reached.

    `add` succeeds then: nobody else's value is there, and who takes a lock with it (the count of
    failed logins does) would otherwise wait for ever.
    """

    def get(self, key: str, default: Any = None, version: int | None = None) -> Any:
        return self._or_else(
            default, lambda: super(ForgivingRedisCache, self).get(key, default, version)
        )

    def set(self, key: str, value: Any, *args: Any, **kwargs: Any) -> None:
        self._or_else(
            None, lambda: super(ForgivingRedisCache, self).set(key, value, *args, **kwargs)
        )

    def add(self, key: str, value: Any, *args: Any, **kwargs: Any) -> bool:
        added: bool = self._or_else(
            True, lambda: super(ForgivingRedisCache, self).add(key, value, *args, **kwargs)
        )
        return added

    def delete(self, key: str, version: int | None = None) -> bool:
        deleted: bool = self._or_else(
            False, lambda: super(ForgivingRedisCache, self).delete(key, version)
        )
        return deleted

    def _or_else(self, otherwise: Any, ask: Callable[[], Any]) -> Any:
        try:
            return ask()
        except RedisError as error:
            log.warning("The cache did not answer: %s", error)
            return otherwise
