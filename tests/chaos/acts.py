"""What one payer does, from the first request to the last. One function for each act."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from tests.chaos.answers import Answer
from tests.chaos.clients import PayersSoftware, authenticate
from tests.chaos.plan import PlannedPayment
from tests.chaos.simulator import Simulator

A = TypeVar("A")


class Payer:
    """Carries out planned payments."""

    def __init__(self, software: PayersSoftware, simulator: Simulator, seed: int) -> None:
        self._software = software
        self._simulator = simulator
        self._seed = seed

    def pay(self, planned: PlannedPayment) -> None:
        acts: dict[str, Callable[[PlannedPayment], list[Answer]]] = {
            "plain": self._plain,
            "keyed": self._keyed,
            "twice_at_once": self._twice_at_once,
            "repeated": self._repeated,
            "appointment": self._appointment,
            "two_payers": self._two_payers,
            "checkout": self._checkout,
        }
        for answer in acts[planned.act](planned):
            if answer.state == "requires_action":
                self._finish(planned, answer)

    def get_key(self, planned: PlannedPayment, which: str = "") -> str:
        return f"chaos-{self._seed}-{planned.number}{which}"

    def _plain(self, planned: PlannedPayment) -> list[Answer]:
        return [self._software.process(planned, None)]

    def _keyed(self, planned: PlannedPayment) -> list[Answer]:
        return [self._software.insist(planned, self.get_key(planned))]

    def _twice_at_once(self, planned: PlannedPayment) -> list[Answer]:
        return self._software.send_at_once(planned, [self.get_key(planned)] * 2)[:1]

    def _repeated(self, planned: PlannedPayment) -> list[Answer]:
        answer = self._software.insist(planned, self.get_key(planned))
        self._software.insist(planned, self.get_key(planned))
        return [answer]

    def _appointment(self, planned: PlannedPayment) -> list[Answer]:
        """Somebody at another desk takes the same visit's payment again."""
        answer = self._software.insist(planned, self.get_key(planned))
        return [answer, self._software.insist(planned, self.get_key(planned, "-again"))]

    def _two_payers(self, planned: PlannedPayment) -> list[Answer]:
        keys = [self.get_key(planned, "-one"), self.get_key(planned, "-two")]
        return self._software.send_at_once(planned, keys)

    def _checkout(self, planned: PlannedPayment) -> list[Answer]:
        opened = self._software.insist(planned, self.get_key(planned))
        if opened.state != "pending":
            return [opened]
        if planned.ending == "void":
            return [self._software.void(planned, opened.payment_id)]
        self._submit(planned, opened.payment_id)
        return [self._software.find(planned, opened.payment_id)]

    def _submit(self, planned: PlannedPayment, payment_id: str) -> None:
        """An impatient payer clicks twice."""
        if planned.ending != "confirm":
            self._software.submit_checkout(planned, payment_id)
            return
        self._at_once(lambda: self._software.submit_checkout(planned, payment_id))

    def _finish(self, planned: PlannedPayment, answer: Answer) -> None:
        """The payer authenticates, refuses, changes his mind, or goes away."""
        if planned.ending == "leave":
            return
        if planned.ending == "void":
            self._software.void(planned, answer.payment_id)
            return
        authenticate(self._simulator, answer, succeeds=planned.ending != "deny")
        if planned.ending == "pay_then_void":
            self._software.void(planned, answer.payment_id)
            return
        again = self._at_once(lambda: self._software.confirm(planned, answer.payment_id))
        if again.state == "requires_action":
            # A split sale asks for each of its parts.
            authenticate(self._simulator, again, succeeds=True)
            self._software.confirm(planned, answer.payment_id)

    @staticmethod
    def _at_once(act: Callable[[], A]) -> A:
        """The payer's page and the shop's screen do the same at the same time."""
        with ThreadPoolExecutor(2) as pool:
            first, _ = pool.map(lambda _: act(), range(2))
        return first
