"""Repairing configurations whose thresholds make no sense."""

from dataclasses import dataclass
from datetime import datetime

from bookedbarber.accounts.models import Barber
from bookedbarber.foundation.money import Money

from ..models import HybridPaymentConfig
from ..rules.business_rules import repair_thresholds
from .configs import set_config


@dataclass(frozen=True, slots=True)
class Repair:
    """One threshold of one barber that was, or would be, replaced."""

    barber: Barber
    field: str
    before: Money
    after: Money


def fix_business_rules(*, by: str, now: datetime, dry_run: bool = False) -> list[Repair]:
    """Give every barber whose thresholds are nonsense a repaired version of his config.

    Repeatable: repaired configs are sensible. With `dry_run` nothing is written.

    :raises ConfigBackdated: a barber's next version begins later already.
    """
    repairs: list[Repair] = []
    in_force = HybridPaymentConfig.objects.in_force(at=now).distinct("barber_id")
    for config in in_force.select_related("barber"):
        found = _find_repairs(config)
        repairs += found
        if found and not dry_run:
            set_config(
                barber=config.barber,
                changes={repair.field: repair.after.amount_minor for repair in found},
                by=by,
                now=now,
                reason="thresholds made no sense",
            )
    return repairs


def _find_repairs(config: HybridPaymentConfig) -> list[Repair]:
    before = {
        "min_external_minor": _to_money(config.min_external_minor, config.currency),
        "max_platform_minor": _to_money(config.max_platform_minor, config.currency),
    }
    after = dict(zip(before, repair_thresholds(*before.values()), strict=True))
    return [
        Repair(config.barber, field, old, new)
        for field, old in before.items()
        if old is not None and (new := after[field]) is not None and new != old
    ]


def _to_money(minor: int | None, currency: str) -> Money | None:
    return None if minor is None else Money(minor, currency)
