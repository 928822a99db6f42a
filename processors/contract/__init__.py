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
from .movements import Movement, MovementKind, MovementState, PaymentMethodKind
from .refunds import RefundRequest, Refunds, RefundState, RefundStatement
from .registrations import WebhookRegistration, WebhookRegistrations

__all__ = [
    "AccountAccess",
    "AccountChecks",
    "AccountDescription",
    "AccountNews",
    "Addressed",
    "Authorizations",
    "ChargeRequest",
    "ChargeState",
    "ChargeStatement",
    "Charges",
    "CredentialField",
    "EventEnvelope",
    "Grant",
    "Movement",
    "MovementKind",
    "MovementNews",
    "MovementReads",
    "MovementState",
    "News",
    "NextAction",
    "PaymentMethodKind",
    "RefundRequest",
    "RefundState",
    "RefundStatement",
    "Refunds",
    "RevocationNews",
    "SaleNews",
    "TokenChecks",
    "TokenStatus",
    "WebhookRegistration",
    "WebhookRegistrations",
    "Webhooks",
]
