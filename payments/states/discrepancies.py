"""What can differ between us and a processor, and how it is settled."""

from django.db import models


class DiscrepancyKind(models.TextChoices):
    """What differs between the processor's word and ours."""

    MONEY_ON_CLOSED_LEG = "money_on_closed_leg"
    UNEXPLAINED_MOVEMENT = "unexplained_movement"
    OUTCOME_UNKNOWN = "outcome_unknown"
    HOLD_ENDS = "hold_ends"
    REFUND_UNKNOWN = "refund_unknown"
    COMPENSATION_FAILED = "compensation_failed"
    MONEY_ON_CLOSED_REFUND = "money_on_closed_refund"
    AMOUNT_DIFFERS = "amount_differs"
    MONEY_ON_CLOSED_PAYOUT = "money_on_closed_payout"
    DEBIT_UNKNOWN = "debit_unknown"
    FEE_UNKNOWN = "fee_unknown"
    PARENT_MISSING = "parent_missing"
    # What a reconciliation finds, one for an object: the most serious.
    MISSING_HERE = "missing_here"
    MISSING_THERE = "missing_there"
    STATUS_DIFFERS = "status_differs"
    CURRENCY_DIFFERS = "currency_differs"
    FEE_DIFFERS = "fee_differs"
    VISIT_PAID_TWICE = "visit_paid_twice"
    LEG_WITHOUT_MOVEMENT = "leg_without_movement"
    ENTRY_WITHOUT_MOVEMENT = "entry_without_movement"


class Fix(models.TextChoices):
    """How a difference may be settled."""

    ACCEPT_THEIRS = "accept_theirs"
    CREATE = "create"
    LINK = "link"
    REFUND_ONE = "refund_one"
    REFUND_IT = "refund_it"
    IGNORE = "ignore"


class MatchRule(models.TextChoices):
    """What linked a sale to its appointment."""

    REFERENCE = "reference"
    AMOUNT_AND_TIME = "amount_and_time"


class ReconciliationOutcome(models.TextChoices):
    COMPLETED = "completed"
    FAILED = "failed"
    INTERRUPTED = "interrupted"


class DiscrepancyState(models.TextChoices):
    OPEN = "open"
    RESOLVED = "resolved"


DISCREPANCY_TRANSITIONS: dict[str, frozenset[str]] = {
    DiscrepancyState.OPEN: frozenset({DiscrepancyState.RESOLVED}),
    DiscrepancyState.RESOLVED: frozenset(),
}
