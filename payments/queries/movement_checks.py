"""What must hold between movements and the books; each statement as in `book_checks`."""

from .checks import Check

# ruff: noqa: S608  the parts of these statements are constants

# With its sign: what came into the account.
_SIGNED = """
CASE WHEN m.kind IN ('charge', 'refund_failed', 'dispute_won', 'transfer_reversed',
    'bank_payout_failed', 'processor_credit', 'conversion_in')
  THEN m.amount_minor ELSE -m.amount_minor END
"""

# Movements on platform accounts that are booked: all that are completed, but for those that wait
# for what they are about. `s` is the sale of a refund or dispute.
_BOOKED = """
payments_externaltransaction m JOIN processors_connection k ON k.id = m.connection_id
LEFT JOIN payments_externaltransaction s ON s.id = m.sale_id
WHERE m.owner_id = 0 AND m.state = 'completed' AND CASE
  WHEN m.purpose = 'unexplained' AND m.sale_id IS NULL THEN true
  WHEN m.kind IN ('refund', 'refund_failed', 'dispute', 'dispute_won') THEN s.state = 'completed'
  WHEN m.kind = 'transfer_reversed' THEN m.parent_id IS NOT NULL
  ELSE true END
"""

# What went back to the payer of a sale `m`, of one account.
_GONE = """
coalesce((SELECT sum(CASE WHEN f.kind IN ('refund', 'dispute') THEN f.amount_minor
    ELSE -f.amount_minor END)
  FROM payments_externaltransaction f WHERE f.sale_id = m.id AND f.state = 'completed'), 0)
"""


def _get_due(gone: str, whole: str) -> str:
    """The rate of what is left of the base of sale `m`."""
    share = f"round(m.base_minor * least(greatest({gone}, 0), {whole})::numeric / {whole})"
    return f"round((m.base_minor - {share}) * m.commission_rate / 100)::bigint"


def _compare(sides: str, key: str, named: str) -> str:
    """Offences where the sums of `expected` and `found` differ."""
    return f"""
    SELECT {named}, sum(expected), sum(found) FROM ({sides}) sides
    GROUP BY {key} HAVING sum(expected) <> sum(found)
    """


def _get_entries(code: str, columns: str, sign: str = "") -> str:
    return f"""
    SELECT {columns}, 0 AS expected, {sign}e.amount_minor AS found
    FROM payments_ledgerentry e JOIN payments_ledgeraccount c ON c.id = e.account_id
    WHERE c.code = '{code}'
    """


def _bound(kinds: tuple[str, str], parent: str, key: str) -> str:
    """Movements about others that sum to less than nothing, or more than these."""
    out, back = kinds
    total = f"""
    coalesce(sum(f.amount_minor) FILTER (WHERE f.kind = '{out}'), 0)
    - coalesce(sum(f.amount_minor) FILTER (WHERE f.kind = '{back}'), 0)
    """
    return f"""
    SELECT 'movement ' || m.id, '0 to ' || m.amount_minor, {total}
    FROM payments_externaltransaction m JOIN payments_externaltransaction f
      ON f.{key} = m.id AND f.state = 'completed' AND f.kind IN ('{out}', '{back}')
    WHERE m.kind = '{parent}' AND m.state = 'completed'
    GROUP BY m.id HAVING {total} NOT BETWEEN 0 AND m.amount_minor
    """


MOVEMENT_CHECKS = (
    Check(
        "sales_bear_their_commission",
        "the accruals of each sale on a barber's account sum to its rate of what is left of it",
        f"""
        SELECT 'sale ' || id, due, found FROM (
          SELECT m.id, CASE WHEN m.state = 'completed' THEN {_get_due("m.gone", "m.whole")}
              ELSE 0 END AS due,
            coalesce((SELECT sum(commission_minor) FROM payments_accrual WHERE sale_id = m.id), 0)
              AS found
          FROM (
            SELECT m.*, {_GONE} + coalesce(part.gone, 0) AS gone,
              CASE WHEN p.decision = 'split' THEN p.amount_minor ELSE m.amount_minor END AS whole
            FROM payments_externaltransaction m
            LEFT JOIN payments_payment p ON p.id = m.payment_id
            LEFT JOIN LATERAL (
              SELECT sum({_GONE}) AS gone FROM payments_externaltransaction m
              WHERE m.payment_id = p.id AND p.decision = 'split' AND m.purpose = 'commission'
                AND m.kind = 'charge' AND m.state = 'completed'
            ) part ON true
            WHERE m.kind = 'charge' AND m.purpose = 'sale' AND m.owner_id <> 0
          ) m
        ) sales WHERE due <> found
        """,
    ),
    Check(
        "sales_know_what_is_kept",
        "the accruals of a split sale keep what the platform's part of it holds, others nothing",
        f"""
        SELECT 'sale ' || id, kept, found FROM (
          SELECT m.id, coalesce((SELECT sum(kept_minor) FROM payments_accrual
              WHERE sale_id = m.id), 0) AS found,
            CASE WHEN sale.state = 'completed' THEN greatest(coalesce(part.held, 0), 0) ELSE 0
              END AS kept
          FROM payments_externaltransaction sale JOIN payments_externaltransaction m
            ON m.id = sale.id
          LEFT JOIN LATERAL (
            SELECT sum(m.amount_minor - {_GONE}) AS held
            FROM payments_externaltransaction m JOIN payments_payment p ON p.id = m.payment_id
            WHERE m.payment_id = sale.payment_id AND p.decision = 'split'
              AND m.purpose = 'commission' AND m.kind = 'charge' AND m.state = 'completed'
          ) part ON true
          WHERE m.kind = 'charge' AND m.purpose = 'sale' AND m.owner_id <> 0
        ) sales WHERE kept <> found
        """,
    ),
    Check(
        "clearing_equals_movements",
        "what a platform account holds in the books is what moved on it, less known fees",
        _compare(
            f"""
            SELECT m.connection_id, m.currency, {_SIGNED} - coalesce(m.fee_minor, 0) AS expected,
              0 AS found FROM {_BOOKED}
            UNION ALL {_get_entries("clearing", "c.connection_id, c.currency")}
            """,
            "connection_id, currency",
            "'connection ' || connection_id || ' ' || currency",
        ),
    ),
    Check(
        "payable_equals_sales",
        "what we owe each barber, but for netting and goodwill, is his central sales, less what"
        " went back, commission, known fees and transfers to him, and what was carried over",
        _compare(
            f"""
            SELECT k.environment, m.barber_id, m.currency,
              {_SIGNED} - coalesce(m.fee_minor, 0) AS expected, 0 AS found
            FROM {_BOOKED} AND m.purpose = 'sale'
            UNION ALL
            SELECT k.environment, m.barber_id, m.currency,
              -{_get_due(_GONE, "m.amount_minor")}, 0
            FROM {_BOOKED} AND m.purpose = 'sale' AND m.kind = 'charge'
            UNION ALL
            SELECT k.environment, m.barber_id, m.currency, {_SIGNED}, 0
            FROM {_BOOKED} AND m.purpose = 'payout'
            UNION ALL
            SELECT a.environment, a.barber_id, a.currency, a.amount_minor, 0
            FROM payments_accrual a LEFT JOIN payments_accrual w ON w.id = a.corrects_id
            WHERE coalesce(w.kind, a.kind) = 'carried_over'
            UNION ALL
            {_get_entries("payable", "c.environment, c.barber_id, c.currency", "-")}
            AND NOT EXISTS (
              SELECT FROM payments_ledgertransaction t WHERE t.id = e.transaction_id
                AND t.source_type NOT IN ('movement', 'accrual'))
            """,
            "environment, barber_id, currency",
            "'barber ' || barber_id || ' ' || currency || ' ' || environment",
        ),
    ),
    Check(
        "processing_fees_equal_what_was_borne",
        "processing fees are those of no barber's sale and what processors charge for themselves",
        _compare(
            f"""
            SELECT k.environment, m.currency, coalesce(m.fee_minor, 0) AS expected, 0 AS found
            FROM {_BOOKED} AND m.purpose <> 'sale'
            UNION ALL
            SELECT k.environment, m.currency, -{_SIGNED}, 0
            FROM {_BOOKED} AND m.purpose = 'own'
              AND m.kind IN ('processor_charge', 'processor_credit')
            UNION ALL {_get_entries("processing_fees", "c.environment, c.currency")}
            """,
            "environment, currency",
            "'processing fees ' || currency || ' ' || environment",
        ),
    ),
    Check(
        "exchange_equals_conversions",
        "exchange holds, in each currency, what conversions took from it less what they gave",
        _compare(
            f"""
            SELECT k.environment, m.currency, -{_SIGNED} AS expected, 0 AS found
            FROM {_BOOKED} AND m.kind IN ('conversion_out', 'conversion_in')
            UNION ALL {_get_entries("exchange", "c.environment, c.currency")}
            """,
            "environment, currency",
            "'exchange ' || currency || ' ' || environment",
        ),
    ),
    Check(
        "suspense_equals_unexplained",
        "what rests on suspense is exactly the platform's unexplained movements",
        _compare(
            f"""
            SELECT k.environment, m.currency, -{_SIGNED} AS expected, 0 AS found
            FROM {_BOOKED} AND m.purpose = 'unexplained'
            UNION ALL {_get_entries("suspense", "c.environment, c.currency")}
            """,
            "environment, currency",
            "'suspense ' || currency || ' ' || environment",
        ),
    ),
    Check(
        "unexplained_movements_are_reported",
        "each movement that no sale explains, and that is about none, has a discrepancy",
        """
        SELECT 'movement ' || m.id, 1, 0
        FROM payments_externaltransaction m
        LEFT JOIN payments_discrepancy d ON d.transaction_id = m.id
        WHERE m.purpose = 'unexplained' AND m.state = 'completed' AND m.parent_id IS NULL
          AND d.id IS NULL
        """,
    ),
    Check(
        "movements_are_posted",
        "each movement on a platform account has changed clearing by its amount and its fee",
        f"""
        SELECT 'movement ' || id, moved, booked FROM (
          SELECT m.id, {_SIGNED} - coalesce(m.fee_minor, 0) AS moved, coalesce((
            SELECT sum(e.amount_minor) FROM payments_ledgertransaction t
            JOIN payments_ledgerentry e ON e.transaction_id = t.id
            JOIN payments_ledgeraccount c ON c.id = e.account_id AND c.code = 'clearing'
              AND c.connection_id = m.connection_id AND c.currency = m.currency
            WHERE t.source_type = 'movement' AND t.source_id = m.id), 0) AS booked
          FROM {_BOOKED}
        ) movements WHERE moved <> booked
        """,
    ),
    Check(
        "refunds_are_within_sales",
        "what was refunded of each charge and did not fail is no more than its amount",
        _bound(("refund", "refund_failed"), "charge", "sale_id"),
    ),
    Check(
        "disputes_are_within_sales",
        "what was withdrawn for disputes of each charge is between nothing and its amount",
        _bound(("dispute", "dispute_won"), "charge", "sale_id"),
    ),
    Check(
        "reversals_are_within_transfers",
        "what came back of each transfer is no more than its amount",
        _bound(("transfer_reversed", "transfer"), "transfer", "parent_id"),
    ),
)
