"""The rules in force, how often each has hit, and what it hit. They survive a restart."""

import sqlite3
import threading
import time
from dataclasses import dataclass

from processors.simulator.clock import Clock
from processors.simulator.faults.rules import FaultRule
from processors.simulator.faults.seam import Sighting
from processors.simulator.messages import Json
from processors.simulator.store import Store

_PREFIX = "fault_"


@dataclass(slots=True)
class RuleInForce:
    """A rule with its counters: matching calls seen, and hit."""

    sequence: int
    rule: FaultRule
    created_ms: int
    seen: int
    hits: int

    @property
    def id(self) -> str:
        return f"{_PREFIX}{self.sequence}"

    def is_active(self, now_ms: int) -> bool:
        if self.rule.times is not None and self.hits >= self.rule.times:
            return False
        seconds = self.rule.seconds if self.rule.kind == "account_down" else None
        return seconds is None or now_ms < self.created_ms + seconds * 1000


class RuleBook:
    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._lock = threading.Lock()
        self._rules: list[RuleInForce] = []
        self._outage_seconds: float | None = None
        self.reload()

    def reload(self) -> None:
        rows = self._store.rows("SELECT * FROM fault_rules ORDER BY sequence")
        with self._lock:
            self._rules = [_read_rule(row) for row in rows]

    def add(self, rule: FaultRule) -> RuleInForce:
        """Put the rule in force. An outage begins at once, and that is its one hit."""
        created_ms = self._clock.now_ms()
        with self._lock:
            sequence = self._store.execute(
                "INSERT INTO fault_rules (body, created_ms) VALUES (?, ?)",
                (rule.model_dump_json(), created_ms),
            )
            added = RuleInForce(sequence, rule, created_ms, seen=0, hits=0)
            self._rules.append(added)
            if rule.is_outage:
                self._outage_seconds = rule.seconds
                self._count(added, is_hit=True)
                self._note_hit(added, None)
        return added

    def remove(self, rule_id: str) -> bool:
        """Whether there was such a rule. What it postponed is still carried out."""
        with self._lock:
            found = [each for each in self._rules if each.id == rule_id]
            self._rules = [each for each in self._rules if each.id != rule_id]
            for each in found:
                sequence = (each.sequence,)
                self._store.execute("DELETE FROM fault_rules WHERE sequence = ?", sequence)
        return bool(found)

    def clear(self) -> None:
        with self._lock:
            self._rules = []
            self._store.execute("DELETE FROM fault_rules")

    def list_all(self) -> list[Json]:
        now_ms = self._clock.now_ms()
        with self._lock:
            return [describe_rule(each, now_ms) for each in self._rules]

    def take_outage_seconds(self) -> float | None:
        if self._outage_seconds is None:
            return None
        with self._lock:
            seconds, self._outage_seconds = self._outage_seconds, None
            return seconds

    def find_hit(self, sighting: Sighting) -> FaultRule | None:
        """The first active rule that matches the call and decides to hit it; the hit is noted."""
        if not self._rules:
            return None
        with self._lock:
            for each in self._rules:
                if each.is_active(sighting.call.now_ms) and each.rule.matches(sighting):
                    is_hit = each.rule.decides_for(each.seen + 1)
                    self._count(each, is_hit=is_hit)
                    if is_hit:
                        self._note_hit(each, sighting)
                        return each.rule
        return None

    def _count(self, each: RuleInForce, *, is_hit: bool) -> None:
        each.seen += 1
        each.hits += is_hit
        self._store.execute(
            "UPDATE fault_rules SET seen = ?, hits = ? WHERE sequence = ?",
            (each.seen, each.hits, each.sequence),
        )

    def _note_hit(self, each: RuleInForce, sighting: Sighting | None) -> None:
        self._store.execute(
            "INSERT INTO fault_hits (rule_id, kind, hit_at, request, processor, account_id,"
            " method, path) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (each.id, each.rule.kind, time.time(), *_describe_call(sighting)),
        )

    def list_hits_after(self, sequence: int, *, limit: int, account_id: str | None) -> list[Json]:
        rows = self._store.rows(
            "SELECT * FROM fault_hits WHERE sequence > ?1 AND (?2 IS NULL OR account_id = ?2)"
            " ORDER BY sequence LIMIT ?3",
            (sequence, account_id, limit),
        )
        return [dict(row) for row in rows]


def describe_rule(each: RuleInForce, now_ms: int) -> Json:
    return {
        "id": each.id,
        **each.rule.model_dump(mode="json"),
        "seen": each.seen,
        "hits": each.hits,
        "is_active": each.is_active(now_ms),
    }


def _describe_call(sighting: Sighting | None) -> tuple[int | str | None, ...]:
    if sighting is None:
        return (None,) * 5
    account = sighting.call.account
    return (
        sighting.request_sequence,
        account.processor,
        account.account_id,
        sighting.route.method,
        sighting.path,
    )


def _read_rule(row: sqlite3.Row) -> RuleInForce:
    rule = FaultRule.model_validate_json(row["body"])
    return RuleInForce(row["sequence"], rule, row["created_ms"], row["seen"], row["hits"])
