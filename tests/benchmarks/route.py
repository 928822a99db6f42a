"""POST /hybrid-payments/route: a barber asks where 75.00 of his own would go."""

from typing import Any

from bookedbarber.accounts.tokens import issue_tokens
from tests import factories
from tests.benchmarks import load, servers
from tests.benchmarks.accounts import get_platform_connection
from tests.benchmarks.reports import Row
from tests.benchmarks.rounds import take_turns

BODY = {"amount": "75.00"}
# What both must agree on; sentences may differ.
COMPARED = ("routing_decision", "connection_id", "reason", "routing_details", "estimated_fees")


class AnswersDiffer(RuntimeError):
    """Ours and the floor do not do the same job."""


def measure(*, rounds: int) -> list[Row]:
    token = _create_barber()
    ours_post = load.build_post("/api/v1/hybrid-payments/route", BODY, token=token)
    floor_post = load.build_post("/route", BODY, token=token)
    with (
        servers.gunicorn("bookedbarber.wsgi") as ours,
        servers.gunicorn("tests.benchmarks.floors.wsgi") as floor,
    ):
        _compare(load.send(ours, ours_post), load.send(floor, floor_post))
        loads = take_turns(
            lambda: load.drive(ours, ours_post),
            lambda: load.drive(floor, floor_post),
            rounds=rounds,
        )
    return _to_rows(*loads)


def _create_barber() -> str:
    """With an account of his own beside the platform's; returns his token."""
    barber = factories.create_hybrid_barber(shop=factories.create_shop())
    get_platform_connection()
    factories.create_connection(barber)
    return issue_tokens(barber.user).access


def _compare(ours: tuple[int, Any], floor: tuple[int, Any]) -> None:
    if [ours[0], floor[0]] != [200, 200]:
        raise AnswersDiffer(f"{ours} and {floor}")
    for name in COMPARED:
        if ours[1][name] != floor[1][name]:
            raise AnswersDiffer(f"{name}: {ours[1][name]} and {floor[1][name]}")


def _to_rows(ours: list[load.Load], floor: list[load.Load]) -> list[Row]:
    return [
        Row(
            name="route",
            unit="requests/s",
            ours=[run.rate for run in ours],
            floor=[run.rate for run in floor],
            aim=2.0,
        ),
        Row(
            name="route",
            unit="CPU ms/request",
            ours=[run.cpu_ms_per_request for run in ours],
            floor=[run.cpu_ms_per_request for run in floor],
            aim=0.5,
            at_most=True,
        ),
    ]
