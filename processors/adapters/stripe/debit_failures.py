"""Why Stripe says that a debit failed, by what can help. Pure.

Sources: https://docs.stripe.com/declines/codes and
https://docs.stripe.com/payments/ach-direct-debit#failed-payments
"""

from processors.contract import DebitFailure

_CODES = {
    DebitFailure.NO_FUNDS: (
        "card_velocity_exceeded",
        "insufficient_funds",
        "withdrawal_count_limit_exceeded",
    ),
    DebitFailure.AUTHENTICATION: (
        "authentication_required",
        "offline_pin_required",
        "online_or_offline_pin_required",
        "payment_intent_authentication_failure",
    ),
    DebitFailure.PROCESSOR_TROUBLE: (
        "approve_with_id",
        "bank_cannot_process",
        "could_not_process",
        "issuer_not_available",
        "processing_error",
        "reenter_transaction",
        "try_again_later",
    ),
    DebitFailure.ACCOUNT_CLOSED: (
        "account_closed",
        "account_frozen",
        "bank_account_restricted",
        "incorrect_account_details",
        "invalid_account",
        "invalid_account_number",
        "lost_card",
        "no_account",
        "pickup_card",
        "stolen_card",
    ),
    DebitFailure.MANDATE_GONE: (
        "bank_ownership_changed",
        "debit_not_authorized",
        "revocation_of_all_authorizations",
        "revocation_of_authorization",
        "stop_payment_order",
    ),
}

_CLASSES = {code: failure for failure, codes in _CODES.items() for code in codes}


def classify(code: str) -> DebitFailure:
    """A code that no table names is a problem with this card or account."""
    return _CLASSES.get(code, DebitFailure.CARD_PROBLEM)


def choose_code(*codes: str) -> str:
    """The first that a table names, else the first that says anything."""
    said = [code for code in codes if code]
    named = [code for code in said if code in _CLASSES]
    return next(iter(named or said), "")
