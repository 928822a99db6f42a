"""POST /webhooks/stripe/{connection}: a charge's event, new ones and the same again."""

import json
import time
import uuid
from functools import cache
from pathlib import Path

from bookedbarber.launch.ports import HOST
from processors.models import WebhookEvent
from processors.operations.webhook_doors import add_webhook_secret
from processors.simulator.signatures import sign_for_stripe
from tests import factories
from tests.benchmarks import load, servers
from tests.benchmarks.floors.webhooks import SECRET
from tests.benchmarks.reports import Row
from tests.benchmarks.rounds import take_turns

# More than a server takes in the time of one run.
MOST_EVENTS = 8000
EXAMPLE = (
    Path(__file__).parents[1] / "processors/webhooks/events/stripe_objects/charge.updated.json"
)


class EventsDiffer(RuntimeError):
    """Ours and the floor do not store the same."""


def measure(*, rounds: int) -> list[Row]:
    ours_path, floor_path = _open_door()
    with (
        servers.gunicorn("bookedbarber.wsgi") as ours,
        servers.gunicorn("tests.benchmarks.floors.wsgi") as floor,
    ):
        _compare(load.send(ours, _build(ours_path)), load.send(floor, _build(floor_path)))
        new = take_turns(
            lambda: load.drive_each(ours, _build_many(ours_path)),
            lambda: load.drive_each(floor, _build_many(floor_path)),
            rounds=rounds,
        )
        again = take_turns(
            lambda: load.drive(ours, _build_known(ours, ours_path), connections=1),
            lambda: load.drive_each(ours, _build_many(ours_path), connections=1),
            rounds=rounds,
        )
    return _to_rows(new, again)


def _open_door() -> tuple[str, str]:
    connection = factories.create_connection(factories.create_barber(), processor="stripe")
    door = add_webhook_secret(
        connection=connection, secret=SECRET, by="usr_bench", now=factories.LONG_AGO
    )
    floor_door, floor_connection = door.pk, connection.pk
    return (
        f"/api/v1/webhooks/stripe/{connection.pk}",
        f"/webhooks/{floor_door}/{floor_connection}",
    )


def _build(path: str, event_id: str = "") -> str:
    """A signed request of an event that nobody has seen."""
    event = {
        "id": event_id or f"evt_{uuid.uuid4().hex}",
        "object": "event",
        "created": int(time.time()),
        "data": _read_example(),
        "livemode": False,
        "type": "charge.updated",
    }
    body = json.dumps(event)
    signature = sign_for_stripe(body.encode(), SECRET, int(time.time()))
    lines = [
        f"POST {path} HTTP/1.1",
        f"Host: {HOST}",
        f"Stripe-Signature: {signature}",
        "Content-Type: application/json",
        f"Content-Length: {len(body)}",
    ]
    return "\r\n".join([*lines, "", body])


@cache
def _read_example() -> dict[str, object]:
    example: dict[str, object] = json.loads(EXAMPLE.read_text(encoding="utf-8"))
    return example


def _build_many(path: str) -> list[str]:
    return [_build(path) for _ in range(MOST_EVENTS)]


def _build_known(server: servers.Server, path: str) -> str:
    request = _build(path)
    load.send(server, request)
    return request


def _compare(ours: tuple[int, dict[str, object]], floor: tuple[int, dict[str, object]]) -> None:
    """Each has stored one event, with the same answer."""
    if ours[0] != 200 or floor[0] != 200 or ours[1].keys() != floor[1].keys():
        raise EventsDiffer(f"{ours} and {floor}")
    if WebhookEvent.objects.count() != 2:
        raise EventsDiffer("not one row each")


def _to_rows(
    new: tuple[list[load.Load], list[load.Load]], again: tuple[list[load.Load], list[load.Load]]
) -> list[Row]:
    return [
        Row(
            name="webhooks",
            unit="events/s",
            ours=[run.rate for run in new[0]],
            floor=[run.rate for run in new[1]],
            aim=0.8,
        ),
        Row(
            name="webhooks",
            unit="CPU ms/event",
            ours=[run.cpu_ms_per_request for run in new[0]],
            floor=[run.cpu_ms_per_request for run in new[1]],
            aim=1.25,
            at_most=True,
        ),
        Row(
            name="webhooks",
            unit="ms a redelivery, beside a first",
            ours=[run.ms_per_request for run in again[0]],
            floor=[run.ms_per_request for run in again[1]],
            aim=1.0,
            at_most=True,
        ),
    ]
