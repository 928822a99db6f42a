"""What has come in on one account."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Max, Q, Sum

from processors.models import Connection

from ..models import ExternalTransaction
from ..states import TransactionKind, TransactionState


@dataclass(frozen=True, slots=True)
class AccountTotals:
    """Movements of every kind, the last one's moment, and minor units charged by currency."""

    count: int
    last_at: datetime | None
    charged_minor: dict[str, int]


def get_account_totals(connection: Connection) -> AccountTotals:
    """One statement over the account's movements."""
    charged = Q(kind=TransactionKind.CHARGE, state=TransactionState.COMPLETED)
    rows = list(
        ExternalTransaction.objects.filter(connection=connection)
        .values("currency")
        .annotate(
            number=Count("pk"),
            last_at=Max("occurred_at"),
            charged=Sum("amount_minor", filter=charged),
        )
        .order_by("currency")
    )
    return AccountTotals(
        count=sum(row["number"] for row in rows),
        last_at=max((row["last_at"] for row in rows), default=None),
        charged_minor={row["currency"]: int(row["charged"]) for row in rows if row["charged"]},
    )
