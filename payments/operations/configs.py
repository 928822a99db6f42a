"""How a barber is paid: setting a new version of his config."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F

from bookedbarber.accounts.models import Barber
from bookedbarber.foundation.audit import record_audit
from bookedbarber.foundation.errors import Conflict, Invalid
from processors.registry import is_known

from ..models import HybridPaymentConfig
from ..queries.configs import find_config
from ..states import CollectionFrequency, Mode

# What a version consists of, besides whose it is, from when, by whom and why.
CONFIG_FIELDS = (
    "mode",
    "commission_rate",
    "commission_on_tips",
    "commission_on_cash",
    "currency",
    "min_external_minor",
    "max_platform_minor",
    "split_threshold_minor",
    "fallback_enabled",
    "preferred_processor",
    "collection_frequency",
    "minimum_collection_minor",
    "auto_collection",
    "collection_day",
    "buffer_days",
    "net_rent",
    "net_from_payout",
    "maximum_outstanding_minor",
)


class ConfigNotValid(Invalid):
    """The payment configuration contradicts itself."""


class ConfigBackdated(Conflict):
    """A configuration cannot begin before one that is already in force."""


@transaction.atomic
def set_config(
    *,
    barber: Barber,
    changes: Mapping[str, Any],
    by: str,
    now: datetime,
    reason: str = "",
) -> HybridPaymentConfig:
    """Put a new version in force from `now` on: the one before with `changes`.

    Sales made before keep the terms of their day.

    :raises ConfigNotValid: names the field and the limit.
    :raises ConfigBackdated: a version from `now` or later exists already.
    """
    locked = Barber.objects.select_for_update(of=["self"]).get(pk=barber.pk)
    before = find_config(locked, at=now)
    if HybridPaymentConfig.objects.filter(barber=locked, effective_at__gte=now).exists():
        raise ConfigBackdated(effective_at=now.isoformat())
    values = _get_values(before) | dict(changes)
    check_config(values)
    config = HybridPaymentConfig.objects.create(
        barber=locked, effective_at=now, set_by=by, reason=reason, **values
    )
    raise_routing_version([locked.pk])
    record_audit(
        subject=f"barber:{locked.pk}",
        action="config.changed",
        by=by,
        reason=reason,
        before=_to_plain(_get_values(before)),
        after=_to_plain(values),
    )
    return config


def raise_routing_version(barber_ids: list[int] | None) -> None:
    """Make what is cached of these barbers stale (None: of all), in the caller's transaction."""
    barbers = (
        Barber.objects.all() if barber_ids is None else Barber.objects.filter(pk__in=barber_ids)
    )
    barbers.update(routing_version=F("routing_version") + 1)


def check_config(values: Mapping[str, Any]) -> None:
    """
    :raises ConfigNotValid: names the field and the limit.
    """
    if values["currency"] not in settings.CURRENCIES:
        supported = ", ".join(settings.CURRENCIES)
        raise ConfigNotValid(f"currency: one of {supported} is needed", field="currency")
    _check_rate(values["commission_rate"])
    _check_amounts(values)
    _check_collecting(values)
    processor = values["preferred_processor"]
    if processor and not is_known(processor):
        raise ConfigNotValid(
            f"preferred_processor: {processor} is not supported", field="preferred_processor"
        )


def _check_rate(rate: Decimal) -> None:
    # The column has four decimals and would round the rest away unseen.
    if not Decimal(0) <= rate <= Decimal(100) or rate != round(rate, 4):
        raise ConfigNotValid(
            "commission_rate: a percentage from 0 to 100 with at most 4 decimals is needed",
            field="commission_rate",
        )


def _check_amounts(values: Mapping[str, Any]) -> None:
    for name in ("min_external_minor", "max_platform_minor", "split_threshold_minor"):
        if values[name] is not None and values[name] <= 0:
            field = _to_field(name)
            raise ConfigNotValid(f"{field}: must be more than 0", field=field)
    if values["minimum_collection_minor"] < 0:
        raise ConfigNotValid(
            "minimum_collection_amount: must not be negative", field="minimum_collection_amount"
        )
    low, high = values["min_external_minor"], values["max_platform_minor"]
    if low is not None and high is not None and low > high:
        raise ConfigNotValid(
            "min_external_amount: must not be more than max_platform_amount",
            field="min_external_amount",
        )


def _check_collecting(values: Mapping[str, Any]) -> None:
    """When collections are built, and from when on what is owed is too much."""
    is_weekly = values["collection_frequency"] == CollectionFrequency.WEEKLY
    limits = {
        "collection_day": (1, 7 if is_weekly else 31),
        "buffer_days": (0, 31),
    }
    for field, (least, most) in limits.items():
        if not least <= values[field] <= most:
            raise ConfigNotValid(f"{field}: from {least} to {most} is needed", field=field)
    if values["maximum_outstanding_minor"] < 0:
        raise ConfigNotValid(
            "maximum_outstanding_amount: must not be negative", field="maximum_outstanding_amount"
        )


def _to_field(name: str) -> str:
    return (
        name.removesuffix("_minor") + "_amount"
        if name != "split_threshold_minor"
        else "split_threshold"
    )


def _get_values(config: HybridPaymentConfig | None) -> dict[str, Any]:
    if config is None:
        return get_default_values()
    return {name: getattr(config, name) for name in CONFIG_FIELDS}


def get_default_values() -> dict[str, Any]:
    """The first version's values where nothing is said."""
    return {
        "mode": Mode.CENTRALIZED,
        "commission_rate": settings.DEFAULT_COMMISSION_RATE,
        "commission_on_tips": False,
        "commission_on_cash": False,
        "currency": settings.DEFAULT_CURRENCY,
        "min_external_minor": None,
        "max_platform_minor": None,
        "split_threshold_minor": None,
        "fallback_enabled": True,
        "preferred_processor": "",
        "collection_frequency": "weekly",
        "minimum_collection_minor": 2500,
        "auto_collection": True,
        "collection_day": 1,
        "buffer_days": 3,
        "net_rent": False,
        "net_from_payout": False,
        "maximum_outstanding_minor": 1000_00,
    }


def _to_plain(values: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: str(value) if isinstance(value, Decimal) else value for name, value in values.items()
    }
