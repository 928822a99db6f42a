"""Whom a transfer from the platform pays, by the reference that we gave it."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from django.apps import apps


@dataclass(frozen=True, slots=True)
class Payee:
    barber_id: int
    time_zone: str


# A reference counts on the account that pays only: (our reference, connection id).
Payees = Mapping[tuple[str, int], Payee]


def find_payees(references: Collection[str]) -> Payees:
    """Barbers by the public id of their payouts; no statement where nothing is asked for."""
    payouts: Any = apps.all_models["payments"].get("payout")
    if not references or payouts is None:
        return {}
    rows = payouts.objects.filter(public_id__in=references)
    return {
        (public_id, connection_id): Payee(*payee)
        for public_id, connection_id, *payee in rows.values_list(
            "public_id", "connection_id", "barber_id", "barber__time_zone"
        )
    }
