"""Where one charge of a payment stands, and which moves exist."""

from django.db import models


class LegRole(models.TextChoices):
    MAIN = "main"
    COMMISSION = "commission"


class LegOperation(models.TextChoices):
    """What is in flight at the processor."""

    CHARGE = "charge"
    AUTHORIZE = "authorize"
    CAPTURE = "capture"
    VOID = "void"


class LegState(models.TextChoices):
    SUBMITTED = "submitted"
    REQUIRES_ACTION = "requires_action"
    AUTHORIZED = "authorized"
    CAPTURED = "captured"
    UNKNOWN = "unknown"
    FAILED = "failed"
    VOIDED = "voided"


_L = LegState

LEG_TRANSITIONS: dict[str, frozenset[str]] = {
    _L.SUBMITTED: frozenset(
        {_L.CAPTURED, _L.AUTHORIZED, _L.REQUIRES_ACTION, _L.FAILED, _L.UNKNOWN}
    ),
    _L.REQUIRES_ACTION: frozenset({_L.CAPTURED, _L.AUTHORIZED, _L.FAILED, _L.VOIDED, _L.UNKNOWN}),
    # Failed: the account's credentials are gone, so nothing of ours will ever capture the hold.
    _L.AUTHORIZED: frozenset({_L.CAPTURED, _L.VOIDED, _L.FAILED, _L.UNKNOWN}),
    _L.UNKNOWN: frozenset({_L.CAPTURED, _L.AUTHORIZED, _L.REQUIRES_ACTION, _L.FAILED, _L.VOIDED}),
    _L.CAPTURED: frozenset(),
    _L.FAILED: frozenset(),
    _L.VOIDED: frozenset(),
}

# Refusals of ours rather than the payer's: the platform may try instead.
TECHNICAL_FAILURES = frozenset({"refused", "credentials", "not_reached"})

# Legs that moved no money and never will; another leg of the same role may follow.
CLOSED_LEG_STATES = frozenset({_L.FAILED, _L.VOIDED})

# Legs with a call under way while their lease runs; a held leg waits for its turn without one.
IN_FLIGHT_STATES = [_L.SUBMITTED, _L.AUTHORIZED]

# Legs whose processor is asked what became of them.
ASKED_ABOUT_STATES = [_L.UNKNOWN, _L.REQUIRES_ACTION]

SETTLED_LEG_STATES = CLOSED_LEG_STATES | {_L.CAPTURED}


class FailureKind(models.TextChoices):
    """Why a leg failed, by who said so."""

    DECLINED = "declined"
    AUTHENTICATION = "authentication"
    REFUSED = "refused"
    CREDENTIALS = "credentials"
    NOT_REACHED = "not_reached"
    HOLD_ENDED = "hold_ended"
