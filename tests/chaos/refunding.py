"""Barbers give money back: by our API, and in the processor's dashboard, where nobody asks us."""

import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from tests.chaos.answers import Answer
from tests.chaos.clients import (
    PATIENCE_SECONDS,
    PAUSE_SECONDS,
    PayersSoftware,
    is_decided,
    to_major,
)
from tests.chaos.mix import GOES_ON, PlannedRefund
from tests.chaos.plan import PlannedPayment
from tests.chaos.simulator import Simulator
from tests.chaos.waiting import pause

_PATH = "/api/v1/refunds"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """One refund request: what is asked for under its key. `amount_minor` None: all that is left.

    `is_alone`: nobody else gives anything of the payment back meanwhile.
    """

    barber: str
    payment_id: str
    key: str
    amount_minor: int | None
    is_alone: bool

    @property
    def body(self) -> dict[str, Any]:
        given = {} if self.amount_minor is None else {"amount": to_major(self.amount_minor)}
        return {"payment_id": self.payment_id, "reason": "Not happy", **given}


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundAnswer:
    """`status` is None when the answer was lost."""

    wish: Wish
    status: int | None
    refund_id: str = ""
    state: str = ""
    amount: str = ""
    code: str = ""
    body: dict[str, Any] = field(default_factory=dict, repr=False)


class Refunding:
    """Carries out planned refunds, and remembers every answer; for many threads."""

    def __init__(self, software: PayersSoftware, simulator: Simulator, seed: int) -> None:
        self.done: Counter[str] = Counter()
        self._software = software
        self._simulator = simulator
        self._seed = seed
        self._lock = threading.Lock()
        self._answers: list[RefundAnswer] = []
        self._wishes: dict[str, Wish] = {}

    def list_answers(self) -> list[RefundAnswer]:
        with self._lock:
            return list(self._answers)

    def list_wishes(self) -> list[Wish]:
        with self._lock:
            return list(self._wishes.values())

    def list_shared(self) -> frozenset[str]:
        """Payments of which more was asked back at two doors than was paid.

        A request whose answer was lost and that is refused when it is repeated stays unknown.
        """
        return frozenset(wish.payment_id for wish in self.list_wishes() if not wish.is_alone)

    def refund(self, planned: PlannedPayment, completed: Answer) -> None:
        acts: dict[str, Callable[[PlannedPayment, Answer], bool]] = {
            "part": self._part,
            "thrice": self._thrice,
            "whole": self._whole,
            "twice_at_once": self._twice_at_once,
            "beyond": self._beyond,
            "dashboard": self._at_dashboard,
            "both_doors": self._at_both_doors,
        }
        act = planned.refund.act
        if act in acts and acts[act](planned, completed):
            with self._lock:
                self.done[act] += 1

    def repeat(self) -> None:
        """Ask for everything again, each under its key."""
        with ThreadPoolExecutor(10) as pool:
            list(pool.map(self._insist, self.list_wishes()))

    def _part(self, planned: PlannedPayment, completed: Answer) -> bool:
        amount_minor = _take_little(planned)
        return self._ask(self._wish(planned, completed, "", amount_minor))

    def _thrice(self, planned: PlannedPayment, completed: Answer) -> bool:
        amount_minor = _take_little(planned)
        wishes = [self._wish(planned, completed, f"-{nth}", amount_minor) for nth in range(3)]
        made = [self._ask(wish) for wish in wishes]
        return all(made)

    def _whole(self, planned: PlannedPayment, completed: Answer) -> bool:
        return self._ask(self._wish(planned, completed, "", None))

    def _twice_at_once(self, planned: PlannedPayment, completed: Answer) -> bool:
        amount_minor = _take(planned.refund, planned.amount_minor)
        wish = self._wish(planned, completed, "", amount_minor)
        return self._at_once(lambda: self._ask(wish), lambda: self._ask(wish))

    def _beyond(self, planned: PlannedPayment, completed: Answer) -> bool:
        """Each fits alone; together they are more than was paid."""
        amount_minor = _take(planned.refund, planned.amount_minor)
        one = self._wish(planned, completed, "-one", amount_minor)
        two = self._wish(planned, completed, "-two", amount_minor)
        return self._at_once(lambda: self._ask(one), lambda: self._ask(two))

    def _at_dashboard(self, planned: PlannedPayment, completed: Answer) -> bool:
        legs = [leg["external_id"] for leg in completed.body.get("legs", [])]
        if not legs or not all(legs):
            return False
        # Of a split sale both parts are at a processor.
        leg = completed.body["legs"][planned.number % len(legs)]
        leg_minor = round(float(leg["amount"]) * 100)
        amount_minor = _take(planned.refund, leg_minor)
        later = GOES_ON[planned.refund.ending]
        made = self._simulator.refund(leg["external_id"], amount_minor=amount_minor, **later)
        return made is not None

    def _at_both_doors(self, planned: PlannedPayment, completed: Answer) -> bool:
        amount_minor = _take(planned.refund, planned.amount_minor)
        wish = self._wish(planned, completed, "", amount_minor, is_alone=False)
        return self._at_once(
            lambda: self._ask(wish), lambda: self._at_dashboard(planned, completed)
        )

    @staticmethod
    def _at_once(one: Callable[[], bool], other: Callable[[], bool]) -> bool:
        barrier = threading.Barrier(2)

        def go(act: Callable[[], bool]) -> bool:
            barrier.wait()
            return act()

        with ThreadPoolExecutor(2) as pool:
            return any(list(pool.map(go, [one, other])))

    def _wish(
        self,
        planned: PlannedPayment,
        completed: Answer,
        which: str,
        amount_minor: int | None,
        *,
        is_alone: bool = True,
    ) -> Wish:
        wish = Wish(
            barber=planned.barber,
            payment_id=completed.payment_id,
            key=f"chaos-{self._seed}-{planned.number}-refund{which}",
            amount_minor=amount_minor,
            is_alone=is_alone,
        )
        with self._lock:
            self._wishes[wish.key] = wish
        return wish

    def _ask(self, wish: Wish) -> bool:
        """Whether something came of it."""
        return bool(self._insist(wish).refund_id)

    def _insist(self, wish: Wish) -> RefundAnswer:
        """Send it under its key until it is answered."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        answer = self._send(wish)
        while not is_decided(answer.status, answer.code) and time.monotonic() < deadline:
            pause(PAUSE_SECONDS)
            answer = self._send(wish)
        return answer

    def _send(self, wish: Wish) -> RefundAnswer:
        got = self._software.call(wish.barber, "POST", _PATH, wish.body, wish.key)
        if got is None:
            answer = RefundAnswer(wish=wish, status=None)
        else:
            answer = _read(wish, got.status, got.body)
        with self._lock:
            self._answers.append(answer)
        return answer


def _read(wish: Wish, status: int, body: Any) -> RefundAnswer:
    """The refund is the body itself or, in an error, in its details."""
    said = body if isinstance(body, dict) else {}
    error = said.get("error") or {}
    described = said if "refund_id" in said else (error.get("details") or {}).get("refund") or {}
    return RefundAnswer(
        wish=wish,
        status=status,
        refund_id=described.get("refund_id", ""),
        state=described.get("status", ""),
        amount=described.get("amount", ""),
        code=error.get("code", ""),
        body=said,
    )


def _take(refund: PlannedRefund, amount_minor: int) -> int:
    """More than half, so that two of them never fit."""
    return amount_minor * refund.percent // 100


def _take_little(planned: PlannedPayment) -> int:
    """Less than a third, so that one that is made twice by mistake fits."""
    return planned.amount_minor * planned.refund.percent // 300
