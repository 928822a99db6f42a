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
from .movements import Movement, MovementKind, MovementState, PaymentMethodKind
from .refunds import RefundRequest, Refunds, RefundState, RefundStatement
from .registrations import WebhookRegistration, WebhookRegistrations

__all__ = [
    "AccountAccess",
    "AccountChecks",
    "AccountDescription",
    "Addressed",
    "Authorizations",
    "ChargeRequest",
    "ChargeState",
    "ChargeStatement",
    "Charges",
    "CredentialField",
    "Grant",
    "Movement",
    "MovementKind",
    "MovementState",
    "NextAction",
    "PaymentMethodKind",
    "RefundRequest",
    "RefundState",
    "RefundStatement",
    "Refunds",
    "TokenChecks",
    "TokenStatus",
    "WebhookRegistration",
    "WebhookRegistrations",
]
