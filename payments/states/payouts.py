"""Where a payout stands, here and at the bank, and what can be in its way."""

from django.db import models


class PayoutState(models.TextChoices):
    SUBMITTED = "submitted"
    UNKNOWN = "unknown"
    PAID = "paid"
    FAILED = "failed"
    PARTLY_REVERSED = "partly_reversed"
    REVERSED = "reversed"


_O = PayoutState

PAYOUT_TRANSITIONS: dict[str, frozenset[str]] = {
    _O.SUBMITTED: frozenset({_O.PAID, _O.FAILED, _O.UNKNOWN}),
    _O.UNKNOWN: frozenset({_O.PAID, _O.FAILED}),
    _O.PAID: frozenset({_O.PARTLY_REVERSED, _O.REVERSED}),
    _O.PARTLY_REVERSED: frozenset({_O.REVERSED}),
    _O.REVERSED: frozenset(),
    _O.FAILED: frozenset(),
}

OPEN_PAYOUT_STATES = frozenset({_O.SUBMITTED, _O.UNKNOWN})

# The transfer was made, whatever came back of it later.
MADE_PAYOUT_STATES = frozenset({_O.PAID, _O.PARTLY_REVERSED, _O.REVERSED})


class BankState(models.TextChoices):
    """What the receiving account says of its own payment to the bank; it moves nothing here."""

    NONE = "none"
    IN_TRANSIT = "in_transit"
    PAID = "paid"
    FAILED = "failed"
    RETURNED = "returned"


class PayoutObstacle(models.TextChoices):
    """Why a barber is not paid out now."""

    IN_FLIGHT = "in_flight"
    NO_ACCOUNT = "no_account"
    ACCOUNT_CANNOT_RECEIVE = "account_cannot_receive"
    PAYOUTS_DISABLED = "payouts_disabled"
    PLATFORM_NOT_CONNECTED = "platform_not_connected"
    FUNDS_NOT_AVAILABLE = "funds_not_available"
    FEE_UNKNOWN = "fee_unknown"
    BELOW_MINIMUM = "below_minimum"
    NOTHING_OWED = "nothing_owed"
