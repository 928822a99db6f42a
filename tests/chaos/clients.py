"""The payers' software: sends payments over HTTP, repeats what its rules allow, and remembers.

A request without a key is sent once; with one it is repeated until there is an answer.
"""

import re
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import httpx

from tests.chaos.answers import FINAL, Answer, Answers, read_answer
from tests.chaos.barbers import PASSWORD, find_barber
from tests.chaos.plan import PlannedPayment
from tests.chaos.simulator import Simulator
from tests.chaos.waiting import pause

PATIENCE_SECONDS = 60
PAUSE_SECONDS = 0.3
# Nothing was decided: the same request may and should be sent again under its key.
_NOT_YET = frozenset({"IDEMPOTENCY_IN_PROGRESS"})
_CSRF = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')

CARDS = {
    "approved": {"stripe": "pm_card_visa", "square": "cnon:card-nonce-ok"},
    "declined": {"stripe": "pm_card_chargeDeclined", "square": "cnon:card-nonce-declined"},
    "insufficient_funds": {
        "stripe": "pm_card_chargeDeclinedInsufficientFunds",
        "square": "cnon:card-nonce-insufficient-funds",
    },
    "authentication": {
        "stripe": "pm_card_authenticationRequired",
        "square": "cnon:card-nonce-requires-verification",
    },
}


@dataclass(frozen=True, slots=True)
class Got:
    """An answer as it came."""

    status: int
    body: Any
    is_replayed: bool


class PayersSoftware:
    """One for all threads; httpx clients may be shared."""

    def __init__(self, url: str, people: dict[str, Any], answers: Answers) -> None:
        self._http = httpx.Client(base_url=url, trust_env=False, timeout=40)
        self._people = people
        self._answers = answers
        self._tokens: dict[str, str] = {}

    def log_in(self) -> None:
        """Before anything goes wrong: logging in is not what is tried here."""
        for login in self._people:
            answer = self._http.post(
                "/api/v1/auth/token",
                json={"email": find_barber(login).email, "password": PASSWORD},
            )
            self._tokens[login] = answer.raise_for_status().json()["access"]

    def call(
        self, barber: str, method: str, path: str, body: Any, key: str | None = None
    ) -> Got | None:
        """What a barber's software is answered; None where the answer is lost."""
        headers = {"Authorization": f"Bearer {self._tokens[barber]}"}
        if key is not None:
            headers["Idempotency-Key"] = key
        try:
            got = self._http.request(method, path, json=body, headers=headers)
            is_replayed = got.headers.get("Idempotency-Replayed") == "true"
            return Got(got.status_code, got.json(), is_replayed)
        except (httpx.TransportError, ValueError):
            return None

    def list_keys(self) -> list[tuple[int, str | None]]:
        """Which payments were asked for under which keys."""
        return list(self._answers.count_sendings())

    def process(self, planned: PlannedPayment, key: str | None) -> Answer:
        """Send the payment once."""
        self._answers.note_sending(planned.number, key)
        path = "/api/v1/hybrid-payments/process"
        return self._post(planned, "process", path, self._build_body(planned), key)

    def insist(self, planned: PlannedPayment, key: str) -> Answer:
        """Send it under its key until it is answered."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        answer = self.process(planned, key)
        while not is_answered(answer) and time.monotonic() < deadline:
            pause(PAUSE_SECONDS)
            answer = self.process(planned, key)
        return answer

    def send_at_once(self, planned: PlannedPayment, keys: list[str]) -> list[Answer]:
        """One request for each key, together; each is repeated under its key."""
        with ThreadPoolExecutor(len(keys)) as pool:
            return list(pool.map(lambda key: self.insist(planned, key), keys))

    def confirm(self, planned: PlannedPayment, payment_id: str) -> Answer:
        path = f"/api/v1/hybrid-payments/payments/{payment_id}/confirm"
        return self._persist(planned, "confirm", path)

    def void(self, planned: PlannedPayment, payment_id: str) -> Answer:
        return self._persist(planned, "void", f"/api/v1/payments/{payment_id}/void")

    def find(self, planned: PlannedPayment, payment_id: str) -> Answer:
        path = f"/api/v1/payments/{payment_id}"
        return self._send(planned, "find", "GET", path, None, None)

    def submit_checkout(self, planned: PlannedPayment, payment_id: str) -> bool:
        """Pay on the page, as a browser does; whether the product said anything."""
        path = f"/pay/{payment_id}"
        with httpx.Client(base_url=self._http.base_url, trust_env=False, timeout=40) as browser:
            try:
                page = browser.get(path)
                found = _CSRF.search(page.text)
                if page.status_code != 200 or found is None:
                    return False
                form = {"csrfmiddlewaretoken": found[1], "card": planned.card, "pay": "1"}
                return browser.post(path, data=form).status_code in {200, 302}
            except httpx.TransportError:
                return False

    def _persist(self, planned: PlannedPayment, act: str, path: str) -> Answer:
        """Confirming and voiding may be repeated without a key."""
        deadline = time.monotonic() + PATIENCE_SECONDS / 3
        answer = self._post(planned, act, path, {}, None)
        while not is_answered(answer) and time.monotonic() < deadline:
            pause(PAUSE_SECONDS)
            answer = self._post(planned, act, path, {}, None)
        return answer

    def _post(
        self, planned: PlannedPayment, act: str, path: str, body: Any, key: str | None
    ) -> Answer:
        return self._send(planned, act, "POST", path, body, key)

    def _send(
        self, planned: PlannedPayment, act: str, method: str, path: str, body: Any, key: str | None
    ) -> Answer:
        got = self.call(planned.barber, method, path, body, key)
        if got is None:
            lost = Answer(payment=planned.number, act=act, key=key, status=None)
            return self._answers.add(lost)
        return self._answers.add(
            read_answer(
                payment=planned.number,
                act=act,
                key=key,
                status=got.status,
                body=got.body,
                is_replayed=got.is_replayed,
            )
        )

    def _build_body(self, planned: PlannedPayment) -> dict[str, Any]:
        spec = find_barber(planned.barber)
        body: dict[str, Any] = {
            "amount": to_major(planned.amount_minor),
            "metadata": {"planned": str(planned.number)},
        }
        if planned.tip_minor:
            body["tip_amount"] = to_major(planned.tip_minor)
        if planned.act != "checkout":
            card, platform_card = CARDS[planned.card], CARDS[planned.platform_card]
            own = self._people[planned.barber]["connections"]
            tokens = {str(own[each]): card[each] for each in spec.processors}
            body["payment_methods"] = {"platform": platform_card["stripe"], **tokens}
        if planned.visit is not None:
            visits = self._people[planned.barber]["visits"]
            body["appointment_id"] = visits[str(planned.visit)]
        return body


def is_answered(answer: Answer) -> bool:
    return is_decided(answer.status, answer.code)


def is_decided(status: int | None, code: str) -> bool:
    """Whether there is no reason to send the same request again."""
    return status is not None and status < 500 and code not in _NOT_YET


def is_final(answer: Answer) -> bool:
    return answer.state in FINAL


def authenticate(simulator: Simulator, answer: Answer, *, succeeds: bool) -> bool:
    """The payer answers his bank, if the answer says how."""
    action = answer.body.get("next_action") or {}
    intent_id, secret, _ = str(action.get("client_secret", "")).partition("_secret_")
    return bool(secret) and simulator.authenticate(intent_id, succeeds=succeeds)


def to_major(amount_minor: int) -> str:
    """All currencies of a run have two decimals."""
    return f"{amount_minor // 100}.{amount_minor % 100:02d}"
