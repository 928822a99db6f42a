"""Kills, stops and empties: what happens to the machines while payments are under way."""

import random
import threading
from collections import Counter
from collections.abc import Callable

from tests.chaos.barbers import find_barber
from tests.chaos.list_disruptions import kill_sync, shuffle_events, sync_at_once
from tests.chaos.plan import Plan, PlannedDisruption
from tests.chaos.processes import kill, list_below
from tests.chaos.waiting import wait_for, wait_until
from tests.chaos.world import WORKERS, World

# So many payments may begin before a disruption that is due has happened.
HEAD_START = 12
_WATCH_SECONDS = 0.5
_OUTAGE_SECONDS = 2.0
_DOWN_SECONDS = 4.0
_CAUGHT_SECONDS = 6.0


class Disruptor(threading.Thread):
    """Does what is planned when the clients get there; `done` counts what really happened."""

    def __init__(self, world: World, plan: Plan) -> None:
        super().__init__(daemon=True)
        self.done: Counter[str] = Counter()
        self.failures: list[str] = []
        self._world = world
        self._plan = plan
        self._pending = list(plan.disruptions)
        self._dice = random.Random(f"disruptions {plan.seed}")
        self._reached = 0
        self._changed = threading.Condition()

    def reach(self, number: int) -> None:
        """A client is about to begin this payment; wait if too much is overdue."""
        with self._changed:
            self._reached = max(self._reached, number)
            self._changed.notify_all()
            self._changed.wait_for(
                lambda: not self._pending or self._pending[0].at + HEAD_START >= number, timeout=60
            )

    def run(self) -> None:
        while True:
            with self._changed:
                if not self._pending:
                    return
                is_due = self._changed.wait_for(self._is_due, timeout=_WATCH_SECONDS)
                due = self._pending[0]
            if not is_due:
                self._world.revive()
                continue
            self._disrupt(due)
            with self._changed:
                self._pending.pop(0)
                self._changed.notify_all()

    def _is_due(self) -> bool:
        return self._pending[0].at <= self._reached

    def _disrupt(self, due: PlannedDisruption) -> None:
        acts: dict[str, Callable[[PlannedDisruption], None]] = {
            "kill_web": self._kill_web,
            "kill_web_child": lambda _: self._kill_child("web"),
            "kill_worker": lambda _: self._kill(self._dice.choice(WORKERS)),
            "kill_worker_child": self._kill_worker_child,
            "kill_beat": lambda _: self._kill("beat"),
            "stop_postgres": self._stop_postgres,
            "empty_redis": lambda _: self._world.empty_redis(),
            "refuse_connections": self._refuse_connections,
            "account_down": lambda due: self._take_down(due, held=False),
            "account_silent": lambda due: self._take_down(due, held=True),
            "shuffle_events": lambda _: shuffle_events(self._world, self._plan, self._dice),
            "sync_at_once": self._sync_at_once,
            "kill_sync": lambda _: kill_sync(self._world, self._dice),
        }
        try:
            acts[due.kind](due)
            self.done[due.kind] += 1
        except Exception as error:  # noqa: BLE001 - the others still happen; this one is reported
            self.failures.append(f"{due.kind} at {due.at}: {error!r}")

    def _kill_web(self, _due: PlannedDisruption) -> None:
        """With calls under way that the processor carries out and whose answers never come."""
        rule = {"kind": "time_out_after", "seconds": 6, "operation": "charge", "times": 3}
        fault_id = self._world.simulator.add_fault(rule)
        # Not for long: the clients may have nothing left to send.
        wait_for(lambda: self._has_hit(fault_id), seconds=_CAUGHT_SECONDS)
        self._kill("web")
        self._world.simulator.remove_fault(fault_id)
        wait_until(self._world.is_ready, "web after its kill")

    def _has_hit(self, fault_id: str) -> bool:
        rules = self._world.simulator.describe_faults()["faults"]
        return any(rule["id"] == fault_id and rule["hits"] for rule in rules)

    def _kill(self, name: str) -> None:
        self._world.processes[name].kill_all()
        self._world.restart(name)

    def _kill_worker_child(self, _due: PlannedDisruption) -> None:
        """One that works: Celery's gives up at once if a child dies while it starts."""
        name = self._dice.choice(WORKERS)
        wait_until(lambda: self._has_worked(name), f"a task that {name} has done")
        self._kill_child(name)

    def _has_worked(self, name: str) -> bool:
        self._world.revive()
        return self._world.processes[name].has_said("succeeded in")

    def _kill_child(self, name: str) -> None:
        """Its parent starts another one."""
        children = wait_until(lambda: self._list_children(name), f"a child of {name}")
        kill(self._dice.choice(children))

    def _list_children(self, name: str) -> list[int]:
        self._world.revive()
        return list_below(self._world.processes[name].pid)

    def _stop_postgres(self, _due: PlannedDisruption) -> None:
        self._world.stop_postgres_hard()
        # Requests meet a database that is away, not only one that was.
        wait_until(lambda: not self._world.is_ready(), "a request without a database")
        self._world.start_postgres()

    def _sync_at_once(self, due: PlannedDisruption) -> None:
        own = self._world.people[due.barber]["connections"]
        sync_at_once(self._world, next(iter(own.values())))

    def _refuse_connections(self, _due: PlannedDisruption) -> None:
        rule = {"kind": "connection_refused", "seconds": _OUTAGE_SECONDS}
        self._world.simulator.add_fault(rule)

    def _take_down(self, due: PlannedDisruption, *, held: bool) -> None:
        spec = find_barber(due.barber)
        processor = spec.processors[0]
        self._world.simulator.add_fault(
            {
                "kind": "account_down",
                "processor": processor,
                "account_id": spec.get_account_id(processor),
                # Or a busy machine may not call it in that time.
                "seconds": _DOWN_SECONDS * self._world.pace,
                "held": held,
            }
        )
