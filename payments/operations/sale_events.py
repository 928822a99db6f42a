"""What processors' events say of sales: ours, and those taken without us."""

from django.db.models import Q

from bookedbarber.foundation.jobs import enqueue_on_commit
from processors.contract import Movement, MovementReads, MovementState, SaleNews
from processors.errors import RequestRefused
from processors.operations.webhook_outcomes import (
    Handled,
    Ignored,
    Later,
    Outcome,
    Question,
    Reported,
)
from processors.operations.webhook_replay import release_parked
from processors.registry import can, get_adapter

from ..models import ExternalTransaction, PaymentLeg
from ..states import ASKED_ABOUT_STATES, SETTLED_LEG_STATES, LegState, TransactionKind
from .evidence import know_nothing
from .movements import MovementFact, record_movements
from .settlement import settle_leg


def note_sale(reported: Reported) -> Outcome:
    """Bring a sale to what an event says of it.

    The event of an open leg of ours is only the reason to ask about it now: what its processor
    answers settles it. Other sales are recorded from the object, whose version decides; where it
    cannot name the fee, the processor is asked for it.
    """
    news = reported.news
    if not isinstance(news, SaleNews):
        return Ignored(f"object_not_used: {reported.event.type}")
    leg = _find_leg(reported, news)
    if leg is not None and leg.state == LegState.AUTHORIZED and leg.lease_until is None:
        return _hear_of_held(leg, reported, news)
    if leg is not None and leg.state not in SETTLED_LEG_STATES:
        return _ask_about(leg, reported)
    movement = news.movement
    if movement is None:
        return Ignored("told_by_its_charge")
    if news.is_abridged and _may_ask(reported):
        return Question(lambda: _read_again(reported, movement))
    return _record(reported, reported.answer or movement)


def _find_leg(reported: Reported, news: SaleNews) -> PaymentLeg | None:
    """Of ours is what carries our reference on the account of its leg: elsewhere anybody can."""
    if not news.our_reference:
        return None
    legs = PaymentLeg.objects.filter(connection=reported.connection)
    return legs.filter(public_id=news.our_reference).first()


def _hear_of_held(leg: PaymentLeg, reported: Reported, news: SaleNews) -> Outcome:
    """It waits for the other part of its sale, which may take days and brings it on by itself."""
    if news.movement is None or news.movement.state != MovementState.COMPLETED:
        return Ignored("held_for_its_other_part")
    evidence = know_nothing("Somebody else has captured it")
    settle_leg(leg=leg, evidence=evidence, by=reported.by, now=reported.now)
    return Handled()


def _ask_about(leg: PaymentLeg, reported: Reported) -> Outcome:
    """The sweeper asks; while somebody has it in hand, the event waits for the end of that."""
    free = PaymentLeg.objects.filter(pk=leg.pk, state__in=ASKED_ABOUT_STATES).filter(
        Q(lease_until=None) | Q(lease_until__lt=reported.now)
    )
    if not free.update(next_check_at=reported.now):
        return Later(f"{leg.public_id} is {leg.state}, somebody has it in hand")
    enqueue_on_commit("payments.settle_unknown_legs")
    return Handled()


def _record(reported: Reported, movement: Movement) -> Outcome:
    known = ExternalTransaction.objects.filter(
        connection=reported.connection,
        kind=TransactionKind.CHARGE,
        external_id=movement.external_id,
    ).first()
    if movement.state != MovementState.COMPLETED and known is None:
        return Ignored("no_money_moved")
    fact = MovementFact(reported.connection, movement)
    record_movements([fact], by=reported.by, now=reported.now)
    release_parked(
        connection_id=reported.connection.pk,
        external_ids=[movement.external_id, movement.group_id],
        by=reported.by,
        now=reported.now,
    )
    if _lacks_fee(reported, movement, known):
        return Question(lambda: _read_again(reported, movement))
    return Handled()


def _lacks_fee(reported: Reported, movement: Movement, known: ExternalTransaction | None) -> bool:
    if movement.state != MovementState.COMPLETED or movement.fee is not None:
        return False
    is_known = known is not None and known.fee_minor is not None
    return not is_known and _may_ask(reported)


def _may_ask(reported: Reported) -> bool:
    is_whole = isinstance(reported.news, SaleNews) and reported.news.is_whole
    is_open = reported.answer is None and not is_whole
    return is_open and can(reported.connection.processor, MovementReads)


def _read_again(reported: Reported, movement: Movement) -> Movement:
    """The same, fee included; what the event says where the processor will not say more."""
    account = get_adapter(reported.connection.get_access(), MovementReads)
    try:
        return account.retrieve_movement(movement.external_id)
    except RequestRefused:
        return movement
