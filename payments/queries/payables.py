"""What the platform owes its barbers, and how much of it can be paid out now.

An entry of a barber's payable account is free unless a live payout line holds it. Free entries
are judged by the movement behind them: a sale with all its fees waits until the money is
available at the processor and the fee is known, and no longer than `PAYOUT_FEE_WAIT_DAYS`; then an
estimate is withheld, until the fee's entry comes or the fee is known to be nothing, which has no
entry. Debts never wait, so they net. The entry of a transfer belongs to its payout;
only one that no made or open payout explains counts as a debt.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection as database

from bookedbarber.foundation.money import Money

from ..rules.payouts import PayoutDecision, PayoutFacts, decide_payout

# `part` says what can be done with a free entry; `amount` is what the barber gets for it.
FREE_ENTRIES = """
held AS (
  SELECT movement_id, sum(withheld_minor)::bigint AS withheld FROM payments_payoutline
  WHERE released_at IS NULL AND withheld_minor <> 0
  GROUP BY movement_id HAVING sum(withheld_minor) <> 0
), free AS (
  SELECT e.id AS entry_id, a.barber_id, a.currency, -e.amount_minor AS gross, t.kind,
    m.id AS movement_id,
    coalesce(m.available_at, m.occurred_at + %(fee_wait)s) AS ready_at,
    CASE
      WHEN m.kind = 'charge' AND m.fee_minor IS NULL AND m.occurred_at + %(fee_wait)s > %(now)s
        THEN 'fees'
      WHEN m.kind = 'charge' AND coalesce(m.available_at, m.occurred_at + %(fee_wait)s) > %(now)s
        THEN 'funds'
      WHEN e.amount_minor < 0 AND m.available_at > %(now)s THEN 'funds'
      ELSE 'available' END AS part,
    CASE WHEN m.kind = 'charge' AND m.fee_minor IS NULL AND t.kind IN ('sale', 'explained')
      THEN round(m.amount_minor * c.fee_percent / 100)::bigint + c.fee_fixed_minor
      ELSE 0 END AS estimate
  FROM payments_ledgeraccount a
  JOIN payments_ledgerentry e ON e.account_id = a.id
  JOIN payments_ledgertransaction t ON t.id = e.transaction_id
  LEFT JOIN payments_payoutline l ON l.entry_id = e.id AND l.released_at IS NULL
  LEFT JOIN payments_externaltransaction m ON t.source_type = 'movement' AND m.id = t.source_id
  LEFT JOIN processors_connection c ON c.id = m.connection_id
  WHERE a.code = 'payable' AND a.environment = %(environment)s AND l.id IS NULL
    AND (%(barbers)s::bigint[] IS NULL OR a.barber_id = ANY(%(barbers)s))
    AND NOT (t.kind = 'transfer' AND EXISTS (
      SELECT FROM payments_payout o WHERE o.public_id = m.our_reference
        AND o.connection_id = m.connection_id AND o.external_id IN ('', m.external_id)
        AND o.state <> 'failed'))
), known_fees AS (
  SELECT h.movement_id, min(f.entry_id) AS entry_id, min(h.withheld) AS withheld
  FROM held h JOIN free f ON f.movement_id = h.movement_id AND f.kind = 'fee'
  GROUP BY h.movement_id
), judged AS (
  SELECT f.*, CASE WHEN f.part <> 'available' THEN 0 ELSE f.estimate - coalesce(k.withheld, 0) END
    AS withheld
  FROM free f LEFT JOIN known_fees k ON k.entry_id = f.entry_id
  UNION ALL
  SELECT NULL, m.barber_id, m.currency, 0, 'fee', m.id, m.occurred_at, 'available', 0, -h.withheld
  FROM held h JOIN payments_externaltransaction m ON m.id = h.movement_id AND m.fee_minor = 0
  JOIN processors_connection c ON c.id = m.connection_id AND c.environment = %(environment)s
  WHERE h.withheld > 0 AND (%(barbers)s::bigint[] IS NULL OR m.barber_id = ANY(%(barbers)s))
    AND NOT EXISTS (SELECT FROM payments_ledgertransaction t
      WHERE t.source_type = 'movement' AND t.source_id = m.id AND t.kind = 'fee')
)
"""

_PAYABLES = f"""
WITH {FREE_ENTRIES}, sums AS (
  SELECT barber_id, currency, sum(gross) AS gross,
    sum(gross - withheld) FILTER (WHERE part = 'available') AS available,
    sum(gross) FILTER (WHERE part = 'funds') AS funds,
    sum(gross) FILTER (WHERE part = 'fees') AS fees,
    sum(withheld) AS withheld, 0 AS reserved,
    min(ready_at) FILTER (WHERE part <> 'available') AS next_available_at
  FROM judged GROUP BY barber_id, currency
  UNION ALL
  SELECT o.barber_id, o.currency,
    sum(CASE WHEN o.state IN ('submitted', 'unknown') THEN l.amount_minor ELSE 0 END
      + l.withheld_minor), 0, 0, 0, sum(l.withheld_minor),
    sum(CASE WHEN o.state IN ('submitted', 'unknown') THEN l.amount_minor ELSE 0 END), NULL
  FROM payments_payoutline l JOIN payments_payout o ON o.id = l.payout_id
  WHERE l.released_at IS NULL AND o.environment = %(environment)s
    AND (l.withheld_minor <> 0 OR o.state IN ('submitted', 'unknown'))
    AND (%(barbers)s::bigint[] IS NULL OR o.barber_id = ANY(%(barbers)s))
  GROUP BY o.barber_id, o.currency
)
SELECT b.id, b.name, s.currency, sum(s.gross)::bigint, coalesce(sum(s.available), 0)::bigint,
  coalesce(sum(s.funds), 0)::bigint, coalesce(sum(s.fees), 0)::bigint, sum(s.withheld)::bigint,
  sum(s.reserved)::bigint, min(s.next_available_at), d.connection_id, d.can_receive,
  d.pays_to_bank, d.obstacle, p.id
FROM sums s JOIN accounts_barber b ON b.id = s.barber_id
LEFT JOIN payments_payoutdestination d
  ON d.barber_id = b.id AND d.environment = %(environment)s
LEFT JOIN processors_connection a ON a.id = d.connection_id
LEFT JOIN processors_connection p ON p.owner_id = 0 AND p.role = 'platform'
  AND p.environment = %(environment)s AND p.processor = a.processor AND p.state = 'connected'
GROUP BY b.id, s.currency, d.id, p.id
ORDER BY b.id, s.currency
"""  # noqa: S608  the parts are constants


@dataclass(frozen=True, slots=True, kw_only=True)
class Payable:
    """One barber in one currency: the facts, what they come to, and the accounts concerned."""

    barber_id: int
    barber_name: str
    currency: str
    facts: PayoutFacts
    decision: PayoutDecision
    destination_id: int | None
    platform_id: int | None


def list_payables(*, now: datetime, barber_ids: Sequence[int] | None = None) -> list[Payable]:
    """All barbers (or these) whom the platform owes something, or who owe it, by id.

    One statement, whatever their number.
    """
    with database.cursor() as cursor:
        cursor.execute(_PAYABLES, get_payable_values(now=now, barber_ids=barber_ids))
        return [_to_payable(row) for row in cursor.fetchall()]


def get_payable_values(*, now: datetime, barber_ids: Sequence[int] | None) -> dict[str, Any]:
    """The values that `FREE_ENTRIES` asks for."""
    return {
        "now": now,
        "fee_wait": timedelta(days=settings.PAYOUT_FEE_WAIT_DAYS),
        "environment": settings.ENVIRONMENT,
        "barbers": None if barber_ids is None else list(barber_ids),
    }


def get_minimum(currency: str) -> Money:
    """The smallest payout."""
    return Money.from_major(settings.PAYOUT_MINIMUM, currency)


def _to_payable(row: tuple[Any, ...]) -> Payable:
    barber_id, name, currency, *sums, next_at, account, receives, banks, obstacle, platform = row
    named: Mapping[str, Money] = {
        field: Money(minor, currency) for field, minor in zip(_SUMS, sums, strict=True)
    }
    facts = PayoutFacts(
        **named,
        minimum=get_minimum(currency),
        next_available_at=next_at,
        has_account=account is not None,
        is_platform_connected=platform is not None,
        can_receive=bool(receives),
        pays_to_bank=bool(banks),
        account_obstacle=obstacle or "",
    )
    return Payable(
        barber_id=barber_id,
        barber_name=name,
        currency=currency,
        facts=facts,
        decision=decide_payout(facts),
        destination_id=account,
        platform_id=platform,
    )


_SUMS = ("owed", "available", "waiting_for_funds", "waiting_for_fees", "withheld", "reserved")
