"""What the product answered, remembered for as long as the run lasts."""

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

FINAL = frozenset({"completed", "failed", "canceled"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """`status` is None when the answer was lost. `state`, `amount`: as the body says."""

    payment: int  # the plan's number
    act: str
    key: str | None
    status: int | None
    payment_id: str = ""
    state: str = ""
    amount: str = ""
    currency: str = ""
    code: str = ""
    is_replayed: bool = False
    body: Mapping[str, Any] = field(default_factory=dict, repr=False)
    at: float = field(default_factory=time.time)

    @property
    def is_promise(self) -> bool:
        """Whether it says something about a payment that must stay true."""
        return bool(self.payment_id)


class Answers:
    """All answers of a run. Many threads add to it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._answers: list[Answer] = []
        self._sent: dict[tuple[int, str | None], int] = {}

    def note_sending(self, payment: int, key: str | None) -> None:
        with self._lock:
            self._sent[payment, key] = self._sent.get((payment, key), 0) + 1

    def add(self, answer: Answer) -> Answer:
        with self._lock:
            self._answers.append(answer)
        return answer

    def find_completed(self, payment: int) -> Answer | None:
        """The last answer that says so of one of these payments, by the plan's number."""
        with self._lock:
            found = [each for each in self._answers if each.payment == payment]
        return next((each for each in reversed(found) if each.state == "completed"), None)

    def list_all(self) -> list[Answer]:
        with self._lock:
            return list(self._answers)

    def count_sendings(self) -> dict[tuple[int, str | None], int]:
        """How often each payment was asked for, by plan number and key."""
        with self._lock:
            return dict(self._sent)


def read_answer(
    *, payment: int, act: str, key: str | None, status: int, body: Any, is_replayed: bool
) -> Answer:
    """The payment is the body itself or, in an error, in its details."""
    said = body if isinstance(body, dict) else {}
    error = said.get("error") or {}
    described = said if "payment_id" in said else (error.get("details") or {}).get("payment") or {}
    return Answer(
        payment=payment,
        act=act,
        key=key,
        status=status,
        payment_id=described.get("payment_id", ""),
        state=described.get("status", ""),
        amount=described.get("amount", ""),
        currency=described.get("currency", ""),
        code=error.get("code", ""),
        is_replayed=is_replayed,
        body=said,
    )
