"""What processors' events say of refunds: ours, and those made in the processor's dashboard."""

from processors.contract import RefundNews, Refunds, RefundState, RefundStatement
from processors.errors import RequestRefused
from processors.operations.webhook_outcomes import (
    Handled,
    Ignored,
    Outcome,
    Parked,
    Question,
    Reported,
)
from processors.registry import get_adapter

from ..models import ExternalTransaction, Refund
from ..states import TransactionKind
from .refund_news import note_refund


def hear_of_refund_event(reported: Reported) -> Outcome:
    """Bring a refund to what an event says of it, once its payment is known.

    Where the event does not say all, such as a fee, the processor is asked for the rest.
    """
    news = reported.news
    if not isinstance(news, RefundNews):
        return Ignored(f"object_not_used: {reported.event.type}")
    statement: RefundStatement = reported.answer or news.statement
    if statement.state == RefundState.SUCCEEDED and not statement.movements:
        return Ignored("no_money_moved")
    if not _is_payment_known(reported, statement):
        return Parked(statement.payment_external_id or statement.external_id)
    connection, by, now = reported.connection, reported.by, reported.now
    note_refund(connection=connection, statement=statement, by=by, now=now)
    if reported.answer is None and _lacks_something(reported, statement):
        return Question(lambda: _read_again(reported, statement))
    return Handled()


def _is_payment_known(reported: Reported, statement: RefundStatement) -> bool:
    charges = ExternalTransaction.objects.filter(
        connection=reported.connection, kind=TransactionKind.CHARGE
    )
    if charges.filter(group_id=statement.payment_external_id).exists():
        return True
    refunds = Refund.objects.filter(leg__connection=reported.connection)
    return refunds.filter(public_id=statement.our_reference).exists()


def _lacks_something(reported: Reported, statement: RefundStatement) -> bool:
    if statement.is_abridged:
        return True
    unknown = [movement for movement in statement.movements if movement.fee is None]
    known = ExternalTransaction.objects.filter(
        connection=reported.connection,
        kind=TransactionKind.REFUND,
        external_id__in=[movement.external_id for movement in unknown],
        fee_minor__isnull=False,
    )
    return len(unknown) > known.count()


def _read_again(reported: Reported, statement: RefundStatement) -> RefundStatement:
    account = get_adapter(reported.connection.get_access(), Refunds)
    try:
        return account.retrieve_refund(statement.external_id)
    except RequestRefused:
        return statement
