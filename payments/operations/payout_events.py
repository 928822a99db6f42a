"""What processors' events say of money on its way out: transfers to barbers, and to banks."""

from dataclasses import dataclass

from processors.contract import (
    BankPayoutNews,
    BankPayoutStatement,
    Movement,
    MovementReads,
    PayoutAccounts,
    PayoutEntries,
    TransferNews,
    Transfers,
)
from processors.models import Connection
from processors.operations.webhook_outcomes import (
    Handled,
    Ignored,
    Outcome,
    Question,
    Reported,
)
from processors.registry import can, get_adapter
from processors.states import ConnectionRole

from ..models import ExternalTransaction, PayoutDestination
from .movements import MovementFact, record_movements
from .transfers import note_bank_payout, note_transfer


@dataclass(frozen=True, slots=True)
class _BankAnswer:
    """What was asked about a payment to a bank: its movements, and what it is to our payouts."""

    movements: tuple[Movement, ...]
    statement: BankPayoutStatement | None


def hear_of_transfer_event(reported: Reported) -> Outcome:
    """Bring a payout to what an event says of its transfer, reversals included."""
    news = reported.news
    if not isinstance(news, TransferNews):
        return Ignored(f"object_not_used: {reported.event.type}")
    statement = reported.answer or news.statement
    if statement is None:
        return Question(lambda: _get_transfers(reported).retrieve_transfer(news.external_id))
    note_transfer(
        statement=statement, connection=reported.connection, by=reported.by, now=reported.now
    )
    return Handled()


def hear_of_bank_payout_event(reported: Reported) -> Outcome:
    """Record what went to an account's bank, and show it on the payouts that are part of it.

    The event names entries of the balance, or a payout of many; the processor is asked for them.
    """
    news = reported.news
    if not isinstance(news, BankPayoutNews):
        return Ignored(f"object_not_used: {reported.event.type}")
    if reported.answer is None:
        _record(reported, news.movements)
        if _must_ask(reported, news):
            return Question(lambda: _ask(reported, news))
        return Handled()
    answer: _BankAnswer = reported.answer
    _record(reported, answer.movements)
    if answer.statement is not None:
        note_bank_payout(statement=answer.statement, processor=reported.connection.processor)
    return Handled()


def _record(reported: Reported, movements: tuple[Movement, ...]) -> None:
    if movements:
        facts = [MovementFact(reported.connection, movement) for movement in movements]
        record_movements(facts, by=reported.by, now=reported.now)


def _must_ask(reported: Reported, news: BankPayoutNews) -> bool:
    connection = reported.connection
    return bool(
        _list_unknown(connection, news)
        or can(connection.processor, PayoutEntries)
        or _find_platform_of(connection) is not None
    )


def _ask(reported: Reported, news: BankPayoutNews) -> _BankAnswer:
    connection = reported.connection
    movements: tuple[Movement, ...] = ()
    if can(connection.processor, PayoutEntries):
        entries = get_adapter(connection.get_access(), PayoutEntries)
        movements = entries.list_payout_movements(news.external_id)
    if unknown := _list_unknown(connection, news):
        reads = get_adapter(connection.get_access(), MovementReads)
        movements += tuple(reads.retrieve_movement(name) for name in unknown)
    return _BankAnswer(movements, _describe(connection, news))


def _list_unknown(connection: Connection, news: BankPayoutNews) -> list[str]:
    """By which names to ask for what is not recorded; an account without credentials has none."""
    if connection.role == ConnectionRole.PAYOUT_DESTINATION:
        return []
    known = ExternalTransaction.objects.filter(connection=connection)
    return [
        booked.ask_for
        for booked in news.booked
        if not known.filter(kind=booked.kind.value, external_id=booked.external_id).exists()
    ]


def _describe(connection: Connection, news: BankPayoutNews) -> BankPayoutStatement | None:
    platform = _find_platform_of(connection)
    if platform is None:
        return None
    accounts = get_adapter(platform.get_access(), PayoutAccounts)
    return accounts.describe_bank_payout(connection.account_id, news.external_id)


def _find_platform_of(connection: Connection) -> Connection | None:
    """The account that pays barbers out to this one, None where nobody is paid out to it."""
    if not PayoutDestination.objects.filter(connection=connection).exists():
        return None
    platforms = Connection.objects.of_platform().in_environment(connection.environment)
    return platforms.filter(processor=connection.processor, role=ConnectionRole.PLATFORM).first()


def _get_transfers(reported: Reported) -> Transfers:
    return get_adapter(reported.connection.get_access(), Transfers)
