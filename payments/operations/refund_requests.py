"""Giving money back to a payer: claim → commit → call → settle, through each leg."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from bookedbarber.foundation import idempotency
from bookedbarber.foundation.errors import Conflict
from bookedbarber.foundation.idempotency import Answer, KeyedRequest, Remembered
from bookedbarber.foundation.ids import new_public_id
from bookedbarber.foundation.money import Money
from processors.transport import time_limit

from ..errors import InvalidPaymentAmount
from ..models import Payment, PaymentLeg, Refund
from ..rules.refunds import RefundableLeg, share_refund
from ..states import CLOSED_REFUND_STATES, LegRole, LegState, PaymentState
from .refund_sending import send_refund
from .refunds import build_refund, count_refunds, settle_refund


class CannotBeRefunded(Conflict):
    """The payment cannot be refunded."""


class RefundTooLarge(InvalidPaymentAmount):
    """Less than that is left of the payment."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wish:
    """Who wants what back, and why; `amount` None is all that is left."""

    amount: Money | None
    reason: str
    by: str
    now: datetime


@dataclass(frozen=True, slots=True)
class Requested:
    """The request's first part, as it was claimed; `replayed` is an earlier frozen answer."""

    refund: Refund
    replayed: Answer | None = None


def request_refund(
    *,
    payment: Payment,
    amount: Money | None,
    reason: str,
    by: str,
    now: datetime,
    keyed: KeyedRequest | None = None,
) -> Requested:
    """Give `amount` of a completed payment back, or all that is left.

    The intent is committed before the processor is called and the outcome after, so a crash in
    between leaves a refund that is asked about, never a lost one. Of a split payment each leg gives
    its share, the commission leg first, each with its own outcome. Repeating it under the same key
    refunds nothing. A refusal and an unknown outcome are states of the refund.

    :raises CannotBeRefunded: the payment is not completed, or nothing is left of it.
    :raises InvalidPaymentAmount: nothing, negative, or in another currency.
    :raises RefundTooLarge: more than is left; names the limit.
    :raises KeyReused, StillInProgress: the key belongs to another request, or to one under way.
    """
    if keyed and (remembered := idempotency.find_remembered(keyed, now=now)):
        return _recall(remembered, keyed)
    wish = _Wish(amount=amount, reason=reason, by=by, now=now)
    claimed = _claim(payment, wish, keyed)
    if isinstance(claimed, Remembered):
        return _recall(claimed, keyed)
    return Requested(_send(claimed, by, now, keyed))


def get_refundable(*, payment: Payment) -> Money:
    """What is left of it: neither refunded nor about to be, and not held in a dispute."""
    if payment.state != PaymentState.COMPLETED:
        return Money.zero(payment.currency)
    taken = payment.refunded_minor + payment.reserved_refund_minor + payment.disputed_minor
    return Money(max(0, payment.amount_minor - taken), payment.currency)


@transaction.atomic
def _claim(payment: Payment, wish: _Wish, keyed: KeyedRequest | None) -> list[Refund] | Remembered:
    """Key, parts and reserve, all or nothing; the lock makes two requests one after the other."""
    locked = Payment.objects.select_for_update(of=["self"]).get(pk=payment.pk)
    request_id = new_public_id("ref")
    # First of all: a repetition must not be told that its own first one left nothing.
    if keyed is not None:
        lease = timedelta(seconds=settings.CHARGE_LEASE_SECONDS)
        remembered = idempotency.claim(keyed, subject=request_id, lease=lease, now=wish.now)
        if remembered is not None:
            return remembered
    parts = _build_parts(locked, _check(locked, wish.amount), wish, request_id)
    for part in parts:
        part.save(force_insert=True)
    count_refunds(payment=locked)
    return parts


def _check(payment: Payment, amount: Money | None) -> Money:
    if payment.state != PaymentState.COMPLETED:
        raise CannotBeRefunded(
            f"A payment that is {payment.status} cannot be refunded", status=payment.status
        )
    left = get_refundable(payment=payment)
    if amount is None:
        if not left:
            raise CannotBeRefunded("Nothing is left to refund", status=payment.status)
        return left
    if amount.currency != payment.currency:
        raise InvalidPaymentAmount(
            f"currency: the payment is in {payment.currency}", field="currency"
        )
    if amount.amount_minor <= 0:
        raise InvalidPaymentAmount("amount: must be more than nothing", field="amount")
    if amount > left:
        raise RefundTooLarge(
            f"amount: {amount} is more than the {left} that is left",
            field="amount",
            maximum=str(left.major),
        )
    return amount


def _build_parts(payment: Payment, amount: Money, wish: _Wish, request_id: str) -> list[Refund]:
    """The first one bears the name of the request."""
    captured = PaymentLeg.objects.filter(payment=payment, state=LegState.CAPTURED)
    legs = {leg.pk: leg for leg in captured.select_related("connection")}
    parts: list[Refund] = []
    for leg_id, minor in share_refund(amount.amount_minor, _describe(list(legs.values()))).items():
        part = build_refund(
            legs[leg_id],
            amount=Money(minor, amount.currency),
            reason=wish.reason,
            by=wish.by,
            now=wish.now,
        )
        part.request_id = request_id
        parts.append(part)
    parts[0].public_id = request_id
    return parts


def _describe(legs: Sequence[PaymentLeg]) -> list[RefundableLeg]:
    live = Refund.objects.filter(leg__in=legs).exclude(state__in=sorted(CLOSED_REFUND_STATES))
    returned: dict[int, int] = {}
    for leg_id, minor in live.values_list("leg_id", "amount_minor"):
        returned[leg_id] = returned.get(leg_id, 0) + minor
    return [
        RefundableLeg(
            leg_id=leg.pk,
            amount_minor=leg.amount_minor,
            returned_minor=returned.get(leg.pk, 0),
            is_commission=leg.role == LegRole.COMMISSION,
        )
        for leg in legs
    ]


def _send(parts: Sequence[Refund], by: str, now: datetime, keyed: KeyedRequest | None) -> Refund:
    """Each part has its own outcome: one that is refused does not stop the next."""
    last = parts[-1]
    with time_limit(settings.CHARGE_BUDGET_SECONDS):
        for part in parts:
            settle_refund(
                refund=part,
                evidence=send_refund(part),
                by=by,
                now=now,
                keyed=keyed if part is last else None,
            )
    return parts[0]


def _recall(remembered: Remembered, keyed: KeyedRequest | None) -> Requested:
    """What a repetition gets: the frozen answer, or the present state, frozen if it is final."""
    refund = Refund.objects.get(public_id=remembered.subject)
    if remembered.answer is not None:
        return Requested(refund, remembered.answer)
    if keyed is not None and not refund.parts.open().exists():
        idempotency.keep_answer(keyed, refund)
    return Requested(refund)
