"""What a payment processor can do for us, one Protocol for each ability. Pure.

An adapter implements the Protocols its processor supports and no others: implementing one is the
declaration. An adapter object is bound to one account; requests and results are plain values.
"""

from .accounts import (
    AccountAccess,
    AccountChecks,
    AccountDescription,
    Addressed,
    CredentialField,
)
from .authorizations import Authorizations, Grant, TokenChecks, TokenStatus
from .charges import ChargeRequest, Charges, ChargeState, ChargeStatement, NextAction
from .debits import (
    DebitFailure,
    DebitRequest,
    Debits,
    DebitState,
    DebitStatement,
    MethodKind,
)
from .disputes import Disputes, DisputeState, DisputeStatement
from .events import (
    AccountNews,
    BankPayoutNews,
    Booked,
    DisputeNews,
    EventEnvelope,
    MovementReads,
    News,
    PayoutEntries,
    RefundNews,
    RevocationNews,
    SaleNews,
    TransferNews,
    Webhooks,
)
from .lists import ListDescription, ListPage, Mention, MovementLists, Unreadable
from .movements import (
    Conversion,
    Movement,
    MovementKind,
    MovementState,
    PaymentMethodKind,
    list_sides,
)
from .refunds import RefundRequest, Refunds, RefundState, RefundStatement
from .registrations import WebhookRegistration, WebhookRegistrations
from .setups import (
    SavedMethod,
    SetupPage,
    SetupRequest,
    Setups,
    SetupState,
    SetupStatement,
)
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
    "Addressed",
    "Authorizations",
    "BankPayoutNews",
    "BankPayoutState",
    "BankPayoutStatement",
    "Booked",
    "ChargeRequest",
    "ChargeState",
    "ChargeStatement",
    "Charges",
    "Conversion",
    "CredentialField",
    "DebitFailure",
    "DebitRequest",
    "DebitState",
    "DebitStatement",
    "Debits",
    "DisputeNews",
    "DisputeState",
    "DisputeStatement",
    "Disputes",
    "EventEnvelope",
    "Grant",
    "ListDescription",
    "ListPage",
    "Mention",
    "MethodKind",
    "Movement",
    "MovementKind",
    "MovementLists",
    "MovementReads",
    "MovementState",
    "News",
    "NextAction",
    "PaymentMethodKind",
    "PayoutAccountStatement",
    "PayoutAccounts",
    "PayoutEntries",
    "RefundNews",
    "RefundRequest",
    "RefundState",
    "RefundStatement",
    "Refunds",
    "RevocationNews",
    "SaleNews",
    "SavedMethod",
    "SetupPage",
    "SetupRequest",
    "SetupState",
    "SetupStatement",
    "Setups",
    "TokenChecks",
    "TokenStatus",
    "TransferNews",
    "TransferRequest",
    "TransferState",
    "TransferStatement",
    "Transfers",
    "Unreadable",
    "WebhookRegistration",
    "WebhookRegistrations",
    "Webhooks",
    "list_sides",
]
