"""Delivering events to the endpoints that asked for them.

A background thread takes due deliveries from the state file, so a delivery survives a restart.
Whatever is not answered with a 2xx is tried again with growing delays, then given up. Deliveries
may overtake each other, as they do at both vendors, unless a door gave them an order
(`delivery_queue.py`). Delays are real time: moving the simulator's
clock does not hurry them.
"""

import json
import logging
import sqlite3
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

from processors.simulator.delivery import Outcome, post
from processors.simulator.delivery_queue import READY
from processors.simulator.events import ENDPOINT_KINDS, Event, read_endpoint
from processors.simulator.messages import Json
from processors.simulator.objects import Scope
from processors.simulator.signatures import sign_for_square, sign_for_stripe
from processors.simulator.simulation import Simulation
from processors.simulator.square_api import events as square_events
from processors.simulator.stripe_api import events as stripe_events

log = logging.getLogger(__name__)

RETRY_DELAYS_SECONDS = (1.0, 5.0, 30.0, 120.0)
_WORKERS = 4
_IDLE_SECONDS = 60.0


def render_event(event: Event, *, owner: str) -> Json:
    """What is posted. `owner`: whose endpoint it is, a platform's may not be the event's own."""
    if event.processor == "square":
        return square_events.render(event)
    return stripe_events.render(event, 1, connected=owner != event.account_id)


def post_event(event: Event, endpoint_scope: Scope, endpoint_body: Json) -> Outcome:
    """Sign and post an event to an endpoint once."""
    endpoint = read_endpoint(event.processor, endpoint_body)
    rendered = render_event(event, owner=endpoint_scope.account_id)
    body = json.dumps(rendered, separators=(",", ":")).encode()
    headers = {"Content-Type": "application/json; charset=utf-8"}
    if event.processor == "stripe":
        headers["Stripe-Signature"] = sign_for_stripe(body, endpoint.secret, int(time.time()))
        headers["User-Agent"] = "Stripe/1.0 (+https://stripe.com/docs/webhooks)"
    else:
        signature = sign_for_square(body, endpoint.secret, endpoint.url)
        headers["x-square-hmacsha256-signature"] = signature
        headers["User-Agent"] = "Square Connect v2"
    return post(endpoint.url, body, headers)


class WebhookSender:
    """The thread that delivers."""

    def __init__(
        self,
        simulation: Simulation,
        retry_delays_seconds: tuple[float, ...] = RETRY_DELAYS_SECONDS,
    ) -> None:
        self._simulation = simulation
        self._retry_delays = retry_delays_seconds
        self._woken = threading.Event()
        self._stopping = False
        self._pool = ThreadPoolExecutor(_WORKERS, thread_name_prefix="webhook")
        self._thread = threading.Thread(target=self._run, name="webhooks", daemon=True)

    def start(self) -> None:
        # What was on its way when the process died may or may not have arrived: send it again.
        self._simulation.store.execute(
            "UPDATE deliveries SET state = 'pending' WHERE state = 'sending'"
        )
        self._simulation.events.wake = self._woken.set
        self._thread.start()

    def stop(self) -> None:
        self._stopping = True
        self._woken.set()
        self._thread.join()
        self._pool.shutdown(wait=True)

    def _run(self) -> None:
        while not self._stopping:
            self._woken.clear()
            for row in self._take_due():
                with suppress(RuntimeError):  # the pool was shut down meanwhile
                    self._pool.submit(self._deliver, row)
            self._woken.wait(self._seconds_until_next())

    def _take_due(self) -> list[sqlite3.Row]:
        store = self._simulation.store
        with store.transaction():
            rows = store.rows(
                f"SELECT * FROM deliveries WHERE {READY} AND next_attempt_at <= ?"  # noqa: S608
                " ORDER BY sequence LIMIT 100",
                (time.time(),),
            )
            for row in rows:
                store.execute(
                    "UPDATE deliveries SET state = 'sending' WHERE sequence = ?",
                    (row["sequence"],),
                )
        return rows

    def _seconds_until_next(self) -> float:
        row = self._simulation.store.row(
            f"SELECT MIN(next_attempt_at) AS next FROM deliveries WHERE {READY}"  # noqa: S608
        )
        if row is None or row["next"] is None:
            return _IDLE_SECONDS
        return min(max(float(row["next"]) - time.time(), 0.0), _IDLE_SECONDS)

    def _deliver(self, row: sqlite3.Row) -> None:
        try:
            outcome = self._attempt(row)
        except Exception as error:
            log.exception("Webhook delivery %s failed", row["sequence"])
            outcome = Outcome(None, repr(error))
        self._note(row, outcome)

    def _attempt(self, row: sqlite3.Row) -> Outcome:
        event = self._simulation.events.find(row["processor"], row["account_id"], row["event_id"])
        found = self._simulation.objects.find_anywhere(row["endpoint_id"])
        if event is None or found is None or found[0].kind != ENDPOINT_KINDS[row["processor"]]:
            return Outcome(None, "The event or its endpoint is gone.")
        return post_event(event, *found)

    def _note(self, row: sqlite3.Row, outcome: Outcome) -> None:
        attempts = row["attempts"] + 1
        if outcome.is_accepted:
            state, next_at = "delivered", 0.0
        elif attempts > len(self._retry_delays):
            state, next_at = "failed", 0.0
        else:
            state, next_at = "pending", time.time() + self._retry_delays[attempts - 1]
        self._simulation.store.execute(
            "UPDATE deliveries SET state = ?, attempts = ?, next_attempt_at = ?, last_status = ?,"
            " last_error = ?, lane = NULL WHERE sequence = ?",
            (state, attempts, next_at, outcome.status, outcome.error, row["sequence"]),
        )
        self._woken.set()
