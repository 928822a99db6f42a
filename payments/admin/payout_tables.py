"""Tables below a payout, a destination or a dispute."""

from django.utils import timezone

from bookedbarber.accounts.models import Barber
from bookedbarber.foundation.admin_display import Table, link, moment

from ..models import Dispute, ExternalTransaction, Payout
from ..queries.payables import list_payables
from ..states import GROUPED_KINDS, TransactionKind
from .tables import MOST_ROWS, tabulate_movements


def tabulate_payout_lines(payout: Payout) -> Table:
    lines = payout.lines.select_related("entry__transaction", "movement").order_by("id")
    return Table(
        f"Lines, at most {MOST_ROWS}",
        ["What", "Movement", "Amount", "Withheld", "When", "Free again"],
        [
            [
                link(line.entry.transaction, line.kind) if line.entry else line.kind,
                link(line.movement) if line.movement else "–",
                line.amount,
                line.withheld if line.withheld_minor else "–",
                moment(line.occurred_at),
                moment(line.released_at),
            ]
            for line in lines[:MOST_ROWS]
        ],
    )


def tabulate_transfers(payout: Payout) -> Table:
    """The payout's transfer and what came back of it."""
    movements = ExternalTransaction.objects.filter(
        connection_id=payout.connection_id,
        kind__in=[TransactionKind.TRANSFER, TransactionKind.TRANSFER_REVERSED],
        our_reference=payout.public_id,
        barber_id=payout.barber_id,
    )
    return tabulate_movements(movements.select_related("connection").order_by("id")[:MOST_ROWS])


def tabulate_payables(barber: Barber) -> Table:
    """What the barber is owed now, and what stands in the way of paying it."""
    return Table(
        "What is owed now",
        ["Owed", "Under way", "Not available yet", "Fee unknown", "Available", "Next payout"],
        [
            [
                payable.facts.owed,
                payable.facts.reserved,
                payable.facts.waiting_for_funds,
                payable.facts.waiting_for_fees,
                payable.facts.available,
                payable.decision.explanation,
            ]
            for payable in list_payables(now=timezone.now(), barber_ids=[barber.pk])
        ],
    )


def tabulate_dispute_movements(dispute: Dispute) -> Table:
    movements = ExternalTransaction.objects.filter(
        connection_id=dispute.connection_id,
        group_id=dispute.external_id,
        kind__in=GROUPED_KINDS,
    )
    return tabulate_movements(movements.select_related("connection").order_by("id")[:MOST_ROWS])
