"""`record_movements`: the one door through which money on any account comes into our records."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db import connection as database

from bookedbarber.accounts.models import Barber
from bookedbarber.foundation.database import retry_transaction
from processors.contract import Movement
from processors.models import Connection

from ..models import PaymentLeg
from ..queries.commission_terms import TermsBook, load_terms
from ..rules.commission import CommissionTerms, calculate_base
from ..states import CLOSED_LEG_STATES, Purpose
from .accruals import accrue_sales
from .discrepancies import report_unexplained
from .movement_postings import post_movements

MAX_BATCH = 1000


@dataclass(frozen=True, slots=True)
class MovementFact:
    """A movement and the account it happened on."""

    connection: Connection
    movement: Movement


@dataclass(frozen=True, slots=True)
class _Link:
    """Whose movement it is and on which terms."""

    barber: Barber | None
    payment_id: int | None
    purpose: Purpose
    terms: CommissionTerms


# A final state does not go back, and a completed amount and its base never change silently.
_UPSERT = """
INSERT INTO payments_externaltransaction AS t (
  owner_id, connection_id, kind, external_id, group_id, our_reference, barber_id, payment_id,
  purpose, state, amount_minor, tip_minor, fee_minor, currency, base_minor, commission_rate, method,
  digest, version, occurred_at, local_day, available_at, recorded_at)
SELECT owner_id, connection_id, kind, external_id, group_id, our_reference, barber_id, payment_id,
  purpose, state, amount_minor, tip_minor, fee_minor, currency, base_minor, commission_rate, method,
  digest, version, occurred_at, local_day, available_at, %(now)s
FROM jsonb_to_recordset(%(rows)s) AS f(owner_id bigint, connection_id bigint, kind text,
  external_id text, group_id text, our_reference text, barber_id bigint, payment_id bigint,
  purpose text, state text, amount_minor bigint, tip_minor bigint, fee_minor bigint, currency text,
  base_minor bigint, commission_rate numeric, method text, digest text, version bigint,
  occurred_at timestamptz, local_day date, available_at timestamptz)
ORDER BY connection_id, kind, external_id
ON CONFLICT (connection_id, kind, external_id) DO UPDATE SET
  state = EXCLUDED.state, fee_minor = coalesce(EXCLUDED.fee_minor, t.fee_minor),
  amount_minor = EXCLUDED.amount_minor, tip_minor = EXCLUDED.tip_minor,
  base_minor = CASE WHEN t.state = 'pending' THEN EXCLUDED.base_minor ELSE t.base_minor END,
  method = EXCLUDED.method, digest = EXCLUDED.digest,
  version = EXCLUDED.version, available_at = coalesce(EXCLUDED.available_at, t.available_at)
WHERE t.version <= EXCLUDED.version AND t.digest <> EXCLUDED.digest
  AND (t.state = 'pending' OR (t.state, t.amount_minor, t.tip_minor, t.currency)
    = (EXCLUDED.state, EXCLUDED.amount_minor, EXCLUDED.tip_minor, EXCLUDED.currency))
RETURNING t.id, t.connection_id, t.kind, t.external_id
"""

_PAYLOADS = """
INSERT INTO payments_externalpayload (transaction_id, raw)
SELECT transaction_id, raw FROM jsonb_to_recordset(%(rows)s) AS p(transaction_id bigint, raw jsonb)
ORDER BY transaction_id
ON CONFLICT (transaction_id) DO UPDATE SET raw = EXCLUDED.raw
"""


@retry_transaction
def record_movements(facts: Sequence[MovementFact], *, by: str, now: datetime) -> list[int]:
    """Record what processors say has moved, with commission and postings, in one transaction.

    Safe to repeat in any order: a movement is named by the object that moved the money, an older
    or equal statement changes nothing. Returns the ids of rows that are new or changed.

    :raises ValueError: more than 1,000 facts, or two about one object.
    """
    _check_batch(facts)
    links = _link(facts)
    rows = [_to_row(fact, link) for fact, link in zip(facts, links, strict=True)]
    with database.cursor() as cursor:
        cursor.execute(_UPSERT, {"rows": json.dumps(rows), "now": now})
        changed = {tuple(key): row_id for row_id, *key in cursor.fetchall()}
        cursor.execute(_PAYLOADS, {"rows": json.dumps(_to_payloads(facts, changed))})
    changed_ids = sorted(changed.values())
    accrue_sales(changed_ids, by=by, now=now)
    post_movements(changed_ids, by=by, now=now)
    report_unexplained(movement_ids=changed_ids)
    return changed_ids


def _check_batch(facts: Sequence[MovementFact]) -> None:
    if len(facts) > MAX_BATCH:
        raise ValueError(f"at most {MAX_BATCH} movements at a time")
    objects = {(f.connection.pk, f.movement.kind, f.movement.external_id) for f in facts}
    if len(objects) < len(facts):
        raise ValueError("two movements of one object in a batch")


def _link(facts: Sequence[MovementFact]) -> list[_Link]:
    references = [fact.movement.our_reference for fact in facts if fact.movement.our_reference]
    legs = {
        (leg.public_id, leg.connection_id): leg
        for leg in PaymentLeg.objects.filter(public_id__in=references).select_related(
            "payment__barber"
        )
    }
    book = load_terms(
        fact.connection.owner_id
        for fact in facts
        if not fact.connection.is_platform and _get_leg_key(fact) not in legs
    )
    return [_link_one(fact, legs, book) for fact in facts]


def _link_one(
    fact: MovementFact, legs: Mapping[tuple[str, int], PaymentLeg], book: TermsBook
) -> _Link:
    leg = legs.get(_get_leg_key(fact))
    if leg is not None and leg.state in CLOSED_LEG_STATES:
        # It was settled without money: this movement is not that sale.
        barber = leg.payment.barber
        return _Link(barber, None, Purpose.UNEXPLAINED, CommissionTerms(rate=book.no_commission))
    if leg is not None:
        payment = leg.payment
        terms = CommissionTerms(
            rate=payment.commission_rate,
            on_tips=payment.decision_facts["commission_on_tips"],
            on_cash=payment.decision_facts["commission_on_cash"],
        )
        return _Link(payment.barber, payment.pk, Purpose.SALE, terms)
    if fact.connection.is_platform:
        return _Link(None, None, Purpose.UNEXPLAINED, CommissionTerms(rate=book.no_commission))
    terms = book.get_terms(fact.connection, at=fact.movement.occurred_at)
    return _Link(book.barbers[fact.connection.owner_id], None, Purpose.SALE, terms)


def _get_leg_key(fact: MovementFact) -> tuple[str, int]:
    """A reference counts on the account of its leg only: anybody can write one elsewhere."""
    return fact.movement.our_reference, fact.connection.pk


def _to_row(fact: MovementFact, link: _Link) -> dict[str, Any]:
    movement = fact.movement
    base = calculate_base(movement.amount, movement.tip, link.terms, movement.method)
    zone = link.barber.zone if link.barber else UTC
    row: dict[str, Any] = {
        "owner_id": fact.connection.owner_id,
        "connection_id": fact.connection.pk,
        "kind": movement.kind,
        "external_id": movement.external_id,
        "group_id": movement.group_id,
        "our_reference": movement.our_reference,
        "state": movement.state,
        "amount_minor": movement.amount.amount_minor,
        "tip_minor": movement.tip.amount_minor,
        "fee_minor": _get_fee_minor(movement),
        "currency": movement.amount.currency,
        "method": movement.method,
        "occurred_at": movement.occurred_at.isoformat(),
        "available_at": movement.available_at and movement.available_at.isoformat(),
    }
    return row | {
        "digest": hashlib.sha256(json.dumps(row, sort_keys=True).encode()).hexdigest(),
        "version": movement.version,
        "barber_id": link.barber.pk if link.barber else None,
        "payment_id": link.payment_id,
        "purpose": link.purpose,
        "base_minor": base.amount_minor,
        "commission_rate": str(link.terms.rate),
        "local_day": movement.occurred_at.astimezone(zone).date().isoformat(),
    }


def _get_fee_minor(movement: Movement) -> int | None:
    """A fee in another currency (that of settlement) is not a figure of this row."""
    if movement.fee is None or movement.fee.currency != movement.amount.currency:
        return None
    return movement.fee.amount_minor


def _to_payloads(
    facts: Sequence[MovementFact], changed: Mapping[tuple[Any, ...], int]
) -> list[dict[str, Any]]:
    named = {
        (fact.connection.pk, fact.movement.kind.value, fact.movement.external_id): fact
        for fact in facts
    }
    return [
        {"transaction_id": row_id, "raw": dict(named[key].movement.raw)}
        for key, row_id in changed.items()
    ]
