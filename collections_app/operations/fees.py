"""What a person lets a barber owe, or takes back: fees and adjustments."""

from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.db.models import Sum

from bookedbarber.accounts.models import Barber
from bookedbarber.foundation.errors import Conflict, Invalid
from bookedbarber.foundation.money import Money
from payments.models import Accrual
from payments.operations.dues import accrue_dues
from payments.rules.dues import Due
from payments.states import AccrualKind


class FeeNotValid(Invalid):
    """A fee needs an amount above zero, a reference and a reason."""


class AdjustmentNotValid(Invalid):
    """An adjustment needs an amount in its accrual's currency, a reference and a reason."""


class ReferenceTaken(Conflict):
    """The reference belongs to another amount."""

    code = "REFERENCE_TAKEN"


class AdjustmentTooLarge(Conflict):
    """The adjustment is larger than what is left of the accrual."""

    code = "ADJUSTMENT_TOO_LARGE"


def charge_late_fee(
    *, barber: Barber, amount: Money, reference: str, reason: str, by: str, now: datetime
) -> Accrual:
    """Let the barber owe a late fee. The same reference (a collection, say) is charged once.

    :raises FeeNotValid: no amount, currency, reference or reason.
    :raises ReferenceTaken: it was charged with another amount.
    """
    return _charge(AccrualKind.LATE_FEE, barber, amount, reference, reason, by=by, now=now)


def charge_platform_fee(
    *, barber: Barber, amount: Money, reference: str, reason: str, by: str, now: datetime
) -> Accrual:
    """Let the barber owe a platform fee. The same reference (a month, say) is charged once.

    :raises FeeNotValid: no amount, currency, reference or reason.
    :raises ReferenceTaken: it was charged with another amount.
    """
    return _charge(AccrualKind.PLATFORM_FEE, barber, amount, reference, reason, by=by, now=now)


@transaction.atomic
def adjust_accrual(
    *, accrual: Accrual, amount: Money, reference: str, reason: str, by: str, now: datetime
) -> Accrual:
    """Correct what an accrual says by a signed amount; the same reference does so once.

    An adjustment of an adjustment corrects what that one corrects.

    :raises AdjustmentNotValid: no amount, reference or reason, or another currency.
    :raises AdjustmentTooLarge: more than is left of the accrual.
    :raises ReferenceTaken: it was used with another amount.
    """
    if not amount or amount.currency != accrual.currency or not _is_said(reference, reason):
        raise AdjustmentNotValid(currency=accrual.currency)
    # Of two adjustments at once the second must see the first.
    Barber.objects.select_for_update(no_key=True, of=["self"]).get(pk=accrual.barber_id)
    corrected = accrual.corrects or accrual
    due = build_adjustment(
        corrected=corrected, amount=amount, reference=reference, reason=reason, now=now
    )
    found = _find(due)
    if found is None:
        _check_left(corrected, amount)
    return found or _accrue(due, by=by, now=now)


def build_adjustment(
    *, corrected: Accrual, amount: Money, reference: str, reason: str, now: datetime
) -> Due:
    """What `accrue_dues` takes to correct an accrual that is no adjustment itself."""
    return Due(
        environment=corrected.environment,
        barber_id=corrected.barber_id,
        kind=AccrualKind.ADJUSTMENT,
        amount=amount,
        occurred_at=now,
        corrects_id=corrected.pk,
        corrected_kind=AccrualKind(corrected.kind),
        reference=reference,
        reason=reason,
    )


@transaction.atomic
def _charge(
    kind: AccrualKind,
    barber: Barber,
    amount: Money,
    reference: str,
    reason: str,
    *,
    by: str,
    now: datetime,
) -> Accrual:
    is_amount = amount.amount_minor > 0 and amount.currency in settings.CURRENCIES
    if not is_amount or not _is_said(reference, reason):
        raise FeeNotValid()
    due = Due(
        environment=settings.ENVIRONMENT,
        barber_id=barber.pk,
        kind=kind,
        amount=amount,
        occurred_at=now,
        reference=reference,
        reason=reason,
    )
    return _accrue(due, by=by, now=now)


def _accrue(due: Due, *, by: str, now: datetime) -> Accrual:
    accrue_dues([due], by=by, now=now)
    made = _find(due)
    if made is None:
        raise RuntimeError(f"{due} was neither made nor found")
    return made


def _find(due: Due) -> Accrual | None:
    """What the reference named before.

    :raises ReferenceTaken: with another amount.
    """
    accrual = Accrual.objects.filter(
        environment=due.environment,
        barber_id=due.barber_id,
        kind=due.kind,
        reference=due.reference,
    ).first()
    if accrual and (accrual.amount, accrual.corrects_id) != (due.amount, due.corrects_id):
        raise ReferenceTaken(reference=due.reference)
    return accrual


def _check_left(corrected: Accrual, amount: Money) -> None:
    """An adjustment leaves nothing or something, but never turns what is owed round."""
    adjusted = corrected.corrections.aggregate(sum=Sum("amount_minor"))["sum"] or 0
    left = corrected.amount_minor + adjusted
    if left * (left + amount.amount_minor) < 0 or (not left and amount.amount_minor < 0):
        raise AdjustmentTooLarge(left=str(Money(left, corrected.currency)))


def _is_said(reference: str, reason: str) -> bool:
    return bool(reference.strip() and reason.strip()) and len(reference) <= 60
