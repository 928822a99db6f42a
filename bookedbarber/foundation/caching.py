"""A cache that may be absent: without Redis everything works, only slower."""

from collections.abc import Callable
from logging import getLogger
from typing import Any

from django.core.cache.backends.redis import RedisCache, RedisCacheClient
from redis.exceptions import RedisError

log = getLogger("bookedbarber.cache")


class KeptClient(RedisCacheClient):
    """Django makes a client for each command, which takes longer than the command itself."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._kept: dict[bool, Any] = {}

    def get_client(self, key: Any = None, *, write: bool = False) -> Any:
        if write not in self._kept:
            self._kept[write] = super().get_client(key, write=write)
        return self._kept[write]


class ForgivingRedisCache(RedisCache):
    """Answers a miss, and forgets what it is given, while Redis cannot be reached.

    `add` succeeds then: nobody else's value is there, and who takes a lock with it (the count of
    failed logins does) would otherwise wait for ever.
    """

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        super().__init__(server, params)
        self._class = KeptClient

    def count(self, key: str, *, timeout: int, amount: int = 1) -> int:
        """Add `amount`, in one round trip, to a count that is forgotten `timeout` seconds after
        its first; `amount` alone while Redis cannot be reached."""
        name = self.make_and_validate_key(key)
        return int(self._or_else(amount, lambda: self._count(name, timeout, amount)))

    def _count(self, name: str, timeout: int, amount: int) -> int:
        client = self._cache.get_client(name, write=True)
        number = int(client.incr(name, amount))
        if number == amount:
            client.expire(name, timeout)
        return number

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
