"""Reconciliation: comparing what was read with the books and the appointments."""

from .variables import env

# What the weekly reconciliation compares.
RECONCILIATION_DAYS = env.int("RECONCILIATION_DAYS", default=7)
# What moved within this time before a reconciliation may still be on its way here.
RECONCILIATION_GRACE_SECONDS = env.float("RECONCILIATION_GRACE_SECONDS", default=900.0)
# Minor units: a difference of up to the first is none, one above the second is urgent.
RECONCILIATION_TOLERANCE_MINOR = env.int("RECONCILIATION_TOLERANCE_MINOR", default=1)
RECONCILIATION_URGENT_MINOR = env.int("RECONCILIATION_URGENT_MINOR", default=100)
# Megabytes that the database may hold for each sort or join of a comparison.
RECONCILIATION_MEMORY_MB = env.int("RECONCILIATION_MEMORY_MB", default=64)
# Two equal sales of a barber within this time count as one visit paid twice.
SAME_VISIT_SECONDS = env.float("SAME_VISIT_SECONDS", default=900.0)
# How long after, and before, an appointment's start a sale of its price may be for it.
VISIT_PAID_AFTER_SECONDS = env.float("VISIT_PAID_AFTER_SECONDS", default=3 * 3600.0)
VISIT_PAID_BEFORE_SECONDS = env.float("VISIT_PAID_BEFORE_SECONDS", default=1800.0)
# Missing objects that a reconciliation asks the processor about, one call each.
RECONCILIATION_QUESTIONS = env.int("RECONCILIATION_QUESTIONS", default=200)
