"""Moving money on a Square balance other than by a payment or its refund.

Square has no balance transactions: what moved shows as an entry of the payout that carries it.
"""

import json
from dataclasses import dataclass

from processors.simulator.call import Call
from processors.simulator.identifiers import square_id
from processors.simulator.messages import Json
from processors.simulator.movements import Movement


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """Money that comes (positive) or goes (negative), in minor units.

    `activity`: the payout entry's official type and details. `mover_id`: what the journal says
    moved it; the payout entry to come, which gets this id, unless given.
    """

    kind: str
    activity: Json
    amount_minor: int
    currency: str
    about_id: str = ""
    mover_id: str = ""
    fee_minor: int = 0
    reference: str | None = None
    method: str = "card"
    available_ms: int | None = None


def new_entry_id() -> str:
    return f"poe_{square_id()}"


def post(call: Call, move: Move) -> str:
    """Write the journal's row; return what moved the money."""
    mover_id = move.mover_id or new_entry_id()
    available_ms = call.now_ms if move.available_ms is None else move.available_ms
    call.simulation.movements.record(
        Movement(
            processor="square",
            account_id=call.account.account_id,
            kind=move.kind,
            method=move.method,
            object_id=mover_id,
            source_id=move.about_id or mover_id,
            amount_minor=move.amount_minor,
            tip_minor=0,
            currency=move.currency,
            settled_minor=move.amount_minor,
            fee_minor=move.fee_minor,
            settlement_currency=move.currency,
            exchange_rate=None,
            reference=move.reference,
            occurred_ms=call.now_ms,
            available_ms=available_ms,
            activity=json.dumps(move.activity),
        )
    )
    return mover_id
