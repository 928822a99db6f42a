"""Moving money on a Stripe balance other than by a charge or refund.

Each time a balance transaction is written and the money journal gets its row, together.
"""

from dataclasses import dataclass

from processors.simulator.call import Call
from processors.simulator.messages import Json
from processors.simulator.movements import Movement
from processors.simulator.settlement import Settlement, settle_without_fee
from processors.simulator.stripe_api import balance_transactions
from processors.simulator.stripe_api.balance_transactions import KIND, Posting


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """Money that comes (positive) or goes (negative), in minor units of `currency`.

    `kind`: the journal's word. `mover_id`: what the journal says moved it, the balance transaction
    itself where one object moves money several times. `about_id`: what that belongs to (a dispute's
    charge). The fee is in the settlement currency. `available_ms`: at once unless given.
    """

    kind: str
    posting: Posting
    amount_minor: int
    currency: str
    about_id: str
    mover_id: str = ""
    fee_minor: int = 0
    reference: str | None = None
    available_ms: int | None = None


def post(call: Call, move: Move) -> Json:
    """Write the balance transaction and the journal's row; return the transaction."""
    settlement = _settle(call, move)
    available_ms = call.now_ms if move.available_ms is None else move.available_ms
    posted = balance_transactions.build(move.posting, settlement, call.now_ms, available_ms)
    call.save(KIND, posted, parent=move.posting.source)
    call.simulation.movements.record(
        Movement(
            processor="stripe",
            account_id=call.account.account_id,
            kind=move.kind,
            method="card",
            object_id=move.mover_id or posted["id"],
            source_id=move.about_id or posted["id"],
            amount_minor=move.amount_minor,
            tip_minor=0,
            currency=move.currency.upper(),
            settled_minor=settlement.amount_minor,
            fee_minor=settlement.fee_minor,
            settlement_currency=settlement.currency,
            exchange_rate=settlement.exchange_rate,
            reference=move.reference,
            occurred_ms=call.now_ms,
            available_ms=available_ms,
        )
    )
    return balance_transactions.with_status(call, posted)


def _settle(call: Call, move: Move) -> Settlement:
    settled = settle_without_fee(call.account, move.amount_minor, move.currency.upper())
    return Settlement(settled.currency, settled.amount_minor, move.fee_minor, settled.exchange_rate)
