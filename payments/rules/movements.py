"""Which way each kind of movement goes, and what it is about. Pure."""

from ..states import TransactionKind

_K = TransactionKind

# Into the account it moved on; every other kind is out of it. Amounts are never negative.
INCOMING_KINDS = frozenset(
    {
        _K.CHARGE,
        _K.REFUND_FAILED,
        _K.DISPUTE_WON,
        _K.TRANSFER_REVERSED,
        _K.BANK_PAYOUT_FAILED,
        _K.PROCESSOR_CREDIT,
        _K.CONVERSION_IN,
    }
)

# What a processor takes for itself, and gives back.
PROCESSOR_KINDS = frozenset({_K.PROCESSOR_CHARGE, _K.PROCESSOR_CREDIT})

# The sides of a conversion of currencies.
CONVERSION_KINDS = frozenset({_K.CONVERSION_OUT, _K.CONVERSION_IN})

# The kind of movement that one of this kind is about.
PARENT_KINDS = {
    _K.REFUND: _K.CHARGE,
    _K.REFUND_FAILED: _K.REFUND,
    _K.DISPUTE: _K.CHARGE,
    _K.DISPUTE_WON: _K.CHARGE,
    _K.TRANSFER_REVERSED: _K.TRANSFER,
}

# What goes back to the payer of a sale, and what comes again: these change its commission.
GIVEN_BACK_KINDS = frozenset({_K.REFUND, _K.DISPUTE})
TAKEN_AGAIN_KINDS = frozenset({_K.REFUND_FAILED, _K.DISPUTE_WON})
FAMILY_KINDS = GIVEN_BACK_KINDS | TAKEN_AGAIN_KINDS
DISPUTE_KINDS = frozenset({_K.DISPUTE, _K.DISPUTE_WON})


def get_sign(kind: str) -> int:
    """1 for money that came into the account, −1 for money that left it."""
    return 1 if kind in INCOMING_KINDS else -1
