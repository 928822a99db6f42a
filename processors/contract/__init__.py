"""What a payment processor can do for us, one Protocol for each ability. Pure.

An adapter implements the Protocols its processor supports and no others: implementing one is the
declaration. An adapter object is bound to one account; requests and results are plain values.
"""

from .accounts import AccountAccess, AccountChecks, AccountDescription, CredentialField
from .charges import ChargeRequest, Charges, ChargeState, ChargeStatement, NextAction
from .disputes import Disputes, DisputeState, DisputeStatement
from .events import (
    AccountNews,
    EventEnvelope,
    MovementNews,
    MovementReads,
    News,
    RevocationNews,
    SaleNews,
    Webhooks,
)
from .lists import ListDescription, ListPage, MovementLists, Unreadable
from .movements import Movement, MovementKind, MovementState, PaymentMethodKind
from .refunds import RefundRequest, Refunds, RefundState, RefundStatement
from .transfers import (
    BankPayoutState,
    BankPayoutStatement,
    PayoutAccounts,
    PayoutAccountStatement,
    TransferRequest,
    Transfers,
    TransferState,
    TransferStatement,
)

__all__ = [
    "AccountAccess",
    "AccountChecks",
    "AccountDescription",
    "AccountNews",
    "BankPayoutState",
    "BankPayoutStatement",
    "ChargeRequest",
    "ChargeState",
    "ChargeStatement",
    "Charges",
    "CredentialField",
    "DisputeState",
    "DisputeStatement",
    "Disputes",
    "EventEnvelope",
    "ListDescription",
    "ListPage",
    "Movement",
    "MovementKind",
    "MovementLists",
    "MovementNews",
    "MovementReads",
    "MovementState",
    "News",
    "NextAction",
    "PaymentMethodKind",
    "PayoutAccountStatement",
    "PayoutAccounts",
    "RefundRequest",
    "RefundState",
    "RefundStatement",
    "Refunds",
    "RevocationNews",
    "SaleNews",
    "TransferRequest",
    "TransferState",
    "TransferStatement",
    "Transfers",
    "Unreadable",
    "Webhooks",
]
