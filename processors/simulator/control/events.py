"""Events as their vendors post them: `GET /_simulator/events?account_id=&type=&after=&limit=`.

Each row has the `body` a listener of the account's own gets; with `owner`, the one that account
gets (a Stripe platform is told whose event it is).
"""

from typing import Any
from urllib.parse import parse_qsl

from processors.simulator.control.journals import answer_page
from processors.simulator.control.requests import Visit, Window, read_model, read_window
from processors.simulator.events import read_event
from processors.simulator.identifiers import to_iso
from processors.simulator.messages import Answer, Json
from processors.simulator.webhooks import render_event


class _Filter(Window):
    type: str | None = None
    owner: str | None = None


def list_events(visit: Visit) -> Answer:
    window = read_window(visit.request)
    given: dict[str, Any] = dict(parse_qsl(visit.request.query))
    wanted = read_model(_Filter, given)
    rows = visit.simulation.store.rows(
        "SELECT * FROM events WHERE sequence > ?1 AND (?2 IS NULL OR account_id = ?2)"
        " AND (?3 IS NULL OR type GLOB ?3) ORDER BY sequence LIMIT ?4",
        (window.after, window.account_id, wanted.type, window.limit),
    )
    return answer_page("events", [_describe(row, wanted.owner) for row in rows], window.after)


def _describe(row: Any, owner: str | None) -> Json:
    event = read_event(row)
    return {
        "sequence": row["sequence"],
        "id": event.id,
        "processor": event.processor,
        "account_id": event.account_id,
        "type": event.type,
        "object_id": event.object_id,
        "created_at": to_iso(event.created_ms),
        "body": render_event(event, owner=owner or event.account_id),
    }
