"""Sales and movements for tests about the books, without a processor behind them."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import count
from threading import Barrier
from typing import Any, TypeVar

from django.db import connection as database
from django.db.models import Sum

from bookedbarber.accounts.models import Barber
from bookedbarber.foundation.money import Money
from payments.models import ExternalTransaction, LedgerEntry, Payment, PaymentLeg
from payments.operations.movements import MovementFact, record_movements
from payments.queries.book_checks import verify_books
from payments.states import Decision, LegOperation, LegRole, LegState, PaymentState
from processors.contract import Movement, MovementKind, MovementState, PaymentMethodKind
from processors.models import Connection

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
BY = "job:test"

_numbers = count(1)
R = TypeVar("R")


def usd(minor: int) -> Money:
    return Money(minor, "USD")


def charge(**fields: Any) -> Movement:
    """A completed card charge of 75.00 USD at noon whose fee is not known yet."""
    external_id = f"charge-{next(_numbers)}"
    defaults: dict[str, Any] = {
        "kind": MovementKind.CHARGE,
        "external_id": external_id,
        "group_id": fields.get("external_id", external_id),
        "our_reference": "",
        "state": MovementState.COMPLETED,
        "amount": usd(75_00),
        "tip": usd(0),
        "fee": None,
        "method": PaymentMethodKind.CARD,
        "version": 1,
        "occurred_at": NOON,
        "available_at": None,
        "raw": {"id": external_id},
    }
    return Movement(**(defaults | fields))


def about(parent: Movement, kind: MovementKind, **fields: Any) -> Movement:
    """A completed movement of this kind about another one, of all its amount, an hour later."""
    defaults: dict[str, Any] = {
        "kind": kind,
        "parent_external_id": parent.external_id,
        "amount": parent.amount,
        "occurred_at": parent.occurred_at + timedelta(hours=1),
    }
    return charge(**(defaults | fields))


def record(connection: Connection, *movements: Movement) -> list[int]:
    facts = [MovementFact(connection, movement) for movement in movements]
    return record_movements(facts, by=BY, now=NOON)


def create_leg(
    connection: Connection,
    barber: Barber,
    *,
    amount: Money | None = None,
    rate: Decimal = Decimal(20),
    on_tips: bool = False,
) -> PaymentLeg:
    """The captured leg of a completed payment; its movement is still to be recorded."""
    amount = amount or usd(75_00)
    payment = Payment.objects.create(
        environment=connection.environment,
        barber=barber,
        amount_minor=amount.amount_minor,
        currency=amount.currency,
        decision=Decision.CENTRALIZED if connection.is_platform else Decision.EXTERNAL,
        decision_facts={
            "commission_on_tips": on_tips,
            "commission_on_cash": False,
            "description": "",
        },
        commission_rate=rate,
        commission_minor=amount.percent(rate).amount_minor,
        state=PaymentState.COMPLETED,
        created_by=BY,
        completed_at=NOON,
    )
    return PaymentLeg.objects.create(
        payment=payment,
        role=LegRole.MAIN,
        connection=connection,
        amount_minor=amount.amount_minor,
        currency=amount.currency,
        state=LegState.CAPTURED,
        operation=LegOperation.CHARGE,
        external_id=f"payment-{next(_numbers)}",
    )


def create_split(
    platform: Connection,
    own: Connection,
    barber: Barber,
    *,
    amount: Money | None = None,
    tip: Money | None = None,
    rate: Decimal = Decimal(20),
) -> tuple[PaymentLeg, PaymentLeg]:
    """The captured main leg on the barber's account and the commission leg on the platform's."""
    amount, tip = amount or usd(75_00), tip or usd(0)
    main = create_leg(own, barber, amount=amount, rate=rate)
    commission = (amount - tip).percent(rate)
    Payment.objects.filter(pk=main.payment_id).update(
        decision=Decision.SPLIT,
        tip_minor=tip.amount_minor,
        commission_minor=commission.amount_minor,
    )
    rest = (amount - commission).amount_minor
    PaymentLeg.objects.filter(pk=main.pk).update(amount_minor=rest)
    part = PaymentLeg.objects.create(
        payment=main.payment,
        role=LegRole.COMMISSION,
        connection=platform,
        amount_minor=commission.amount_minor,
        currency=amount.currency,
        state=LegState.CAPTURED,
        operation=LegOperation.CHARGE,
        external_id=f"payment-{next(_numbers)}",
    )
    both = PaymentLeg.objects.select_related("payment__barber")
    return both.get(pk=main.pk), both.get(pk=part.pk)


def get_sale(row_id: int) -> ExternalTransaction:
    return ExternalTransaction.objects.get(pk=row_id)


def get_balances(**accounts: Any) -> dict[str, int]:
    """Minor units by account code, accounts at zero left out."""
    entries = LedgerEntry.objects.filter(**accounts)
    sums = entries.values_list("account__code").annotate(Sum("amount_minor"))
    return {code: amount for code, amount in sums if amount}


def get_failed_checks() -> set[str]:
    return {check.name for check, found in verify_books() if found}


@contextmanager
def triggers_off() -> Iterator[None]:
    """Let rows be corrupted that the database protects, as only its administrator could."""
    with database.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        yield
        cursor.execute("SET LOCAL session_replication_role = origin")


def at_once(acts: list[Callable[[], R]]) -> list[R | Exception]:
    """Run each in a thread and database session of its own, all starting together."""
    start = Barrier(len(acts))

    def run(act: Callable[[], R]) -> R | Exception:
        try:
            database.ensure_connection()
            start.wait(timeout=60)
            return act()
        except Exception as error:  # noqa: BLE001  the test looks at it
            return error
        finally:
            database.close()

    with ThreadPoolExecutor(max_workers=len(acts)) as threads:
        return list(threads.map(run, acts))
