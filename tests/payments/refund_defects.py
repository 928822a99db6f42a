"""Refunds as they should be, and what the checks of the books must find."""

from collections.abc import Callable

from payments.models import ExternalTransaction, Payment, PaymentLeg, Refund
from payments.operations.refunds import RefundEvidence, build_refund, settle_refund
from payments.states import RefundState
from processors.contract import Movement, MovementKind
from processors.models import Connection
from tests.payments.books import BY, NOON, charge, record, usd

REFUND_ID, RETURN_ID = "refund-1", "refund-1:failed"


def keep_refund() -> Refund:
    """A central sale of 75.00 of which 30.00 went back."""
    leg = PaymentLeg.objects.select_related("connection").get(connection__owner_id=0)
    sale = ExternalTransaction.objects.get(our_reference=leg.public_id)
    leg.external_id = sale.group_id
    leg.save()
    refund = build_refund(leg, amount=usd(30_00), reason="", by=BY, now=NOON)
    refund.save()
    evidence = RefundEvidence(
        outcome=RefundState.SUCCEEDED,
        external_id=REFUND_ID,
        movements=(describe_movement(sale.external_id, sale.group_id),),
    )
    return settle_refund(refund=refund, evidence=evidence, by=BY, now=NOON)


def describe_movement(charge_id: str, group_id: str) -> Movement:
    return charge(
        kind=MovementKind.REFUND,
        external_id=REFUND_ID,
        group_id=group_id,
        parent_external_id=charge_id,
        amount=usd(30_00),
        fee=usd(0),
    )


def forget_what_was_refunded() -> None:
    refund = keep_refund()
    Payment.objects.filter(pk=refund.payment_id).update(refunded_minor=0)


def keep_a_reserve_for_nothing() -> None:
    refund = keep_refund()
    Payment.objects.filter(pk=refund.payment_id).update(reserved_refund_minor=1)


def lose_the_row_of_a_refund() -> None:
    """And its payment counts none."""
    refund = keep_refund()
    Payment.objects.filter(pk=refund.payment_id).update(refunded_minor=0)
    Refund.objects.filter(pk=refund.pk)._raw_delete("default")


def believe_that_a_refund_failed() -> None:
    """And its payment counts none, but the money is gone."""
    refund = keep_refund()
    Refund.objects.filter(pk=refund.pk).update(state=RefundState.FAILED)
    Payment.objects.filter(pk=refund.payment_id).update(refunded_minor=0)


def believe_in_a_refund_that_came_back() -> None:
    refund = keep_refund()
    returned = charge(
        kind=MovementKind.REFUND_FAILED,
        external_id=RETURN_ID,
        group_id=refund.leg.external_id,
        parent_external_id=REFUND_ID,
        amount=usd(30_00),
        fee=usd(0),
    )
    record(Connection.objects.get(owner_id=0), returned)


def forget_to_ask() -> None:
    refund = keep_refund()
    other = build_refund(refund.leg, amount=usd(1_00), reason="", by=BY, now=NOON)
    other.lease_until = None
    other.save()
    Payment.objects.filter(pk=refund.payment_id).update(reserved_refund_minor=1_00)


REFUND_DEFECTS: dict[str, list[Callable[[], object]]] = {
    "payments_count_their_refunds": [forget_what_was_refunded, keep_a_reserve_for_nothing],
    "refunds_have_movements": [believe_that_a_refund_failed, believe_in_a_refund_that_came_back],
    "movements_of_legs_have_refunds": [lose_the_row_of_a_refund],
    "open_refunds_will_be_asked_about": [forget_to_ask],
}
