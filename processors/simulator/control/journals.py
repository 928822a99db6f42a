"""Reading the journals from outside, page by page."""

from processors.simulator.control.requests import Visit, read_window
from processors.simulator.messages import Answer, Json, json_answer


def answer_page(name: str, rows: list[Json], after: int) -> Answer:
    """`last` is what to send as `after` for the next page."""
    last = rows[-1]["sequence"] if rows else after
    return json_answer(200, {name: rows, "last": last})


def list_movements(visit: Visit) -> Answer:
    window = read_window(visit.request)
    rows = visit.simulation.movements.list_after(
        window.after, limit=window.limit, account_id=window.account_id
    )
    return answer_page("movements", rows, window.after)


def list_requests(visit: Visit) -> Answer:
    window = read_window(visit.request)
    rows = visit.simulation.requests.list_after(
        window.after, limit=window.limit, account_id=window.account_id
    )
    return answer_page("requests", rows, window.after)


def list_deliveries(visit: Visit) -> Answer:
    window = read_window(visit.request)
    rows = visit.simulation.store.rows(
        "SELECT * FROM deliveries WHERE sequence > ?1 AND (?2 IS NULL OR account_id = ?2)"
        " ORDER BY sequence LIMIT ?3",
        (window.after, window.account_id, window.limit),
    )
    return answer_page("deliveries", [dict(row) for row in rows], window.after)
