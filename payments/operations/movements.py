"""`record_movements`: the one door through which money on any account comes into our records."""

from collections.abc import Sequence
from datetime import datetime

from bookedbarber.foundation.database import retry_transaction

from .accruals import accrue_locked_sales
from .closed_leg_money import follow_closed_leg_money
from .discrepancies import report_differences, report_unexplained, resolve_missing_parents
from .movement_postings import post_movements
from .recording.debtors import get_debit_book, hold_debtors
from .recording.facts import MovementFact, Recorded
from .recording.links import Link, link
from .recording.locks import hold_accounts, lock_payments, lock_sales, share_accounts
from .recording.parents import find_parents, get_parent_key, is_waited_for
from .recording.rows import adopt, to_row, upsert

__all__ = ["MAX_BATCH", "MovementFact", "record_movements"]

MAX_BATCH = 1000


@retry_transaction
def record_movements(facts: Sequence[MovementFact], *, by: str, now: datetime) -> list[int]:
    """Record what processors say has moved, with commission and postings, in one transaction.

    Safe to repeat in any order: a movement is named by the object that moved the money, an older
    or equal statement changes nothing, and what comes before the movement that it is about waits
    for that one. A statement that would change a completed amount becomes a discrepancy. The sides
    of a conversion come with the movement whose money it is. Returns the ids of rows that are new
    or changed.

    :raises ValueError: more than 1,000 facts, or two about one object.
    """
    _check_batch(facts)
    if not facts:
        return []
    facts = [side for fact in facts for side in fact.list_sides()]
    links = _link(facts)
    rows = {fact.key: to_row(fact, of) for fact, of in zip(facts, links, strict=True)}
    written = upsert(list(rows.values()), now=now)
    news = {row.key for row in written}
    report_differences([row for key, row in rows.items() if key not in news])
    changed = _give_places(facts, links, written, by=by, now=now)
    _book(changed, by=by, now=now)
    return sorted(row.id for row in changed)


def _check_batch(facts: Sequence[MovementFact]) -> None:
    if len(facts) > MAX_BATCH:
        raise ValueError(f"at most {MAX_BATCH} movements at a time")
    if len({fact.key for fact in facts}) < len(facts):
        raise ValueError("two movements of one object in a batch")


def _link(facts: Sequence[MovementFact]) -> list[Link]:
    """Whose they are; from then on nobody records what they wait for, or what waits for them."""
    parents = find_parents(facts)
    debtors = hold_debtors(facts, parents)
    links = link(facts, parents, debtors)
    lock_payments({of.split_payment_id for of in links if of.split_payment_id})
    inside = {fact.key for fact in facts}
    early = {
        fact.connection.pk
        for fact in facts
        if (key := get_parent_key(fact)) and key not in inside and is_waited_for(key, parents)
    }
    share_accounts({fact.connection.pk for fact in facts} - early)
    if not early:
        return links
    hold_accounts(early)
    parents = find_parents(facts)
    links = link(facts, parents, {**debtors, **hold_debtors(facts, parents)})
    lock_payments({of.split_payment_id for of in links if of.split_payment_id})
    return links


def _give_places(
    facts: Sequence[MovementFact],
    links: Sequence[Link],
    written: Sequence[Recorded],
    *,
    by: str,
    now: datetime,
) -> list[Recorded]:
    """With what waited for them, or they for each other, where it belongs."""
    unplaced = {
        fact.key
        for fact, of in zip(facts, links, strict=True)
        if of.parent_id is None and get_parent_key(fact)
    }
    adopted = adopt(
        waiting=[row.id for row in written if row.key in unplaced],
        awaited=[row.id for row in written if row.is_awaited],
    )
    resolve_missing_parents([row.id for row in adopted], by=by, now=now)
    return list(({row.id: row for row in written} | {row.id: row for row in adopted}).values())


def _book(changed: Sequence[Recorded], *, by: str, now: datetime) -> None:
    own = {row.id for row in changed}
    roots = {row.root_id for row in changed if row.root_id is not None}
    lock_sales(roots - own)
    accrue_locked_sales(
        sorted(row.root_id for row in changed if row.root_id and not row.is_on_platform),
        payment_ids=sorted(
            {row.payment_id for row in changed if row.is_commission and row.payment_id}
        ),
        by=by,
        now=now,
    )
    post_movements(changed, by=by, now=now)
    unexplained = [row for row in changed if row.is_unexplained and row.is_completed]
    report_unexplained([row.id for row in unexplained])
    follow_closed_leg_money(unexplained, by=by, now=now)
    debits = [row.id for row in changed if row.is_debit and row.is_completed]
    if debits:
        get_debit_book().follow_debits(debits, by=by, now=now)
