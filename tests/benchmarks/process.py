"""POST /hybrid-payments/process: a walk-in of 75.00 on the platform's account, not split."""

from typing import Any

from bookedbarber.accounts.tokens import issue_tokens
from bookedbarber.foundation.models import StateChange
from bookedbarber.launch.ports import HOST
from payments.models import (
    Accrual,
    ExternalPayload,
    ExternalTransaction,
    LedgerEntry,
    LedgerTransaction,
    Payment,
    PaymentLeg,
)
from payments.states import Mode
from tests import factories
from tests.benchmarks import load, servers
from tests.benchmarks.accounts import get_platform_connection
from tests.benchmarks.commits import counting_commits
from tests.benchmarks.reports import Row
from tests.benchmarks.rounds import take_turns

COUNTED = (
    Accrual,
    ExternalPayload,
    ExternalTransaction,
    LedgerEntry,
    LedgerTransaction,
    Payment,
    PaymentLeg,
    StateChange,
)


class RowsDiffer(RuntimeError):
    """Ours and the floor do not write the same rows."""


def measure(*, rounds: int) -> list[Row]:
    ours_post, floor_post = _build_requests()
    with (
        servers.module("tests.benchmarks.processor") as processor,
        servers.gunicorn("bookedbarber.wsgi", _point_at(processor)) as ours,
        servers.gunicorn("tests.benchmarks.floors.wsgi", _point_at(processor)) as floor,
    ):
        _send(ours, ours_post)  # opens the ledger's accounts
        _compare(_count_rows(ours, ours_post), _count_rows(floor, floor_post))
        loads = take_turns(
            lambda: load.drive(ours, ours_post),
            lambda: load.drive(floor, floor_post),
            rounds=rounds,
        )
        commits = take_turns(
            lambda: _count_commits(ours, ours_post),
            lambda: _count_commits(floor, floor_post),
            rounds=rounds,
        )
    return _to_rows(loads, commits)


def _build_requests() -> tuple[str, str]:
    barber = factories.create_barber()
    factories.create_config(barber, mode=Mode.CENTRALIZED)
    platform = get_platform_connection()
    token = issue_tokens(barber.user).access
    body: dict[str, Any] = {"amount": "75.00", "payment_methods": {"platform": "pm_card_visa"}}
    known = {"barber_id": barber.pk, "connection_id": platform.pk}
    return (
        load.build_post("/api/v1/hybrid-payments/process", body, token=token),
        load.build_post("/process", body | known, token=token),
    )


def _point_at(processor: servers.Server) -> dict[str, str]:
    return {"STRIPE_API_BASE": f"http://{HOST}:{processor.port}"}


def _send(server: servers.Server, request: str) -> None:
    status, body = load.send(server, request)
    if status != 201 or body["status"] != "completed":
        raise RowsDiffer(f"{status}: {body}")


def _count_rows(server: servers.Server, request: str) -> dict[str, int]:
    """How many rows of each table one request makes."""
    before = {model.__name__: model._default_manager.count() for model in COUNTED}
    _send(server, request)
    return {
        model.__name__: model._default_manager.count() - before[model.__name__] for model in COUNTED
    }


def _compare(ours: dict[str, int], floor: dict[str, int]) -> None:
    if ours != floor:
        raise RowsDiffer(f"{ours} and {floor}")


def _count_commits(server: servers.Server, request: str) -> float:
    with counting_commits() as counted:
        _send(server, request)
    return float(counted.commits)


def _to_rows(
    loads: tuple[list[load.Load], list[load.Load]], commits: tuple[list[float], list[float]]
) -> list[Row]:
    ours, floor = loads
    return [
        Row(
            name="process",
            unit="requests/s",
            ours=[run.rate for run in ours],
            floor=[run.rate for run in floor],
            aim=0.8,
        ),
        Row(
            name="process",
            unit="CPU ms/request",
            ours=[run.cpu_ms_per_request for run in ours],
            floor=[run.cpu_ms_per_request for run in floor],
            aim=1.25,
            at_most=True,
        ),
        Row(
            name="process",
            unit="commits/request",
            ours=commits[0],
            floor=commits[1],
            aim=1.0,
            at_most=True,
        ),
    ]
