from collections.abc import Mapping
from typing import Any

from celery import shared_task
from django.utils import timezone

from bookedbarber.foundation.job_runs import Run
from bookedbarber.foundation.job_tasks import slot_task

from .operations import (
    alerts,
    attempts,
    building,
    carry_over,
    collections,
    disputed_debits,
    mandates,
    rent,
    stuck,
    unknown_attempts,
)


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


@shared_task(name="collections.process_collections")
def process_collections(**_later_arguments: object) -> int:
    return attempts.process_collections(
        by="job:collections.process_collections", now=timezone.now()
    )


@shared_task(name="collections.mark_lost_attempts")
def mark_lost_attempts(**_later_arguments: object) -> int:
    return unknown_attempts.mark_lost_attempts(now=timezone.now())


@shared_task(name="collections.settle_unknown_attempts")
def settle_unknown_attempts(**_later_arguments: object) -> int:
    return unknown_attempts.settle_unknown_attempts(now=timezone.now())


@shared_task(name="collections.follow_lost_disputes")
def follow_lost_disputes(**_later_arguments: object) -> int:
    return disputed_debits.follow_lost_disputes(
        by="job:collections.follow_lost_disputes", now=timezone.now()
    )


@shared_task(name="collections.confirm_open_setups")
def confirm_open_setups(**_later_arguments: object) -> int:
    return mandates.confirm_open_setups(now=timezone.now())


@slot_task("collections.check_stuck_collections")
def check_stuck_collections(_run: Run) -> Mapping[str, Any]:
    checked = stuck.check_stuck_collections(
        by="job:collections.check_stuck_collections", now=timezone.now()
    )
    return checked.figures
