from collections.abc import Mapping
from typing import Any

from celery import shared_task
from django.utils import timezone

from bookedbarber.foundation.job_runs import Run
from bookedbarber.foundation.job_tasks import slot_task

from .operations import alerts, building, carry_over, collections, rent


@slot_task("collections.accrue_rent")
def accrue_rent(_run: Run) -> Mapping[str, Any]:
    return {"accrued": rent.accrue_rent(by="job:collections.accrue_rent", now=timezone.now())}


@slot_task("collections.build_collections")
def build_collections(_run: Run) -> Mapping[str, Any]:
    return building.build_collections(
        by="job:collections.build_collections", now=timezone.now()
    ).figures


@shared_task(name="collections.move_due_collections")
def move_due_collections(**_later_arguments: object) -> int:
    return collections.move_due_collections(
        by="job:collections.move_due_collections", now=timezone.now()
    )


@slot_task("collections.report_outstanding")
def report_outstanding(_run: Run) -> Mapping[str, Any]:
    return {"opened": len(alerts.report_outstanding(now=timezone.now()))}


@slot_task("collections.carry_over_idle")
def carry_over_idle(_run: Run) -> Mapping[str, Any]:
    carried = carry_over.carry_over_idle(by="job:collections.carry_over_idle", now=timezone.now())
    return {"carried": carried}
