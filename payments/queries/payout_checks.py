"""What must hold of payouts and disputes; each statement as in `book_checks`."""

from .checks import Check

# The transfer of payout `o`, as a movement.
_TRANSFER = """
payments_externaltransaction m ON m.connection_id = o.connection_id AND m.kind = 'transfer'
  AND m.our_reference = o.public_id AND m.state = 'completed'
"""

PAYOUT_CHECKS = (
    Check(
        "payouts_equal_their_lines",
        "each payout is the sum of its lines",
        """
        SELECT 'payout ' || o.public_id, o.amount_minor, coalesce(sum(l.amount_minor), 0)
        FROM payments_payout o LEFT JOIN payments_payoutline l ON l.payout_id = o.id
        GROUP BY o.id HAVING coalesce(sum(l.amount_minor), 0) <> o.amount_minor
        """,
    ),
    Check(
        "payout_lines_fit_entries",
        "each line is an entry of its barber's payable, less what is withheld of it",
        """
        SELECT 'line ' || l.id, -e.amount_minor || ' ' || a.code || ' ' || a.barber_id || ' '
            || a.currency || ' ' || a.environment,
          l.amount_minor + l.withheld_minor || ' payable ' || o.barber_id || ' ' || o.currency
            || ' ' || o.environment
        FROM payments_payoutline l JOIN payments_payout o ON o.id = l.payout_id
        JOIN payments_ledgerentry e ON e.id = l.entry_id
        JOIN payments_ledgeraccount a ON a.id = e.account_id
        WHERE (-e.amount_minor, a.code, a.barber_id, a.currency, a.environment)
          <> (l.amount_minor + l.withheld_minor, 'payable', o.barber_id, o.currency, o.environment)
        """,
    ),
    Check(
        "payout_lines_live_with_their_payout",
        "the lines of a failed payout are free, those of any other are held",
        """
        SELECT 'line ' || l.id, CASE WHEN o.state = 'failed' THEN 'free' ELSE 'held' END,
          CASE WHEN l.released_at IS NULL THEN 'held' ELSE 'free' END
        FROM payments_payoutline l JOIN payments_payout o ON o.id = l.payout_id
        WHERE (o.state = 'failed') <> (l.released_at IS NOT NULL)
        """,
    ),
    Check(
        "payouts_have_transfers",
        "each payout that was made has one transfer of its amount, a failed one has none",
        f"""
        SELECT 'payout ' || o.public_id,
          CASE WHEN o.state = 'failed' THEN 0 ELSE o.amount_minor END,
          coalesce(sum(m.amount_minor), 0)
        FROM payments_payout o LEFT JOIN {_TRANSFER}
        WHERE o.state NOT IN ('submitted', 'unknown') AND NOT EXISTS (
          SELECT FROM payments_discrepancy d
          WHERE d.payout_id = o.id AND d.kind = 'money_on_closed_payout')
        GROUP BY o.id HAVING coalesce(sum(m.amount_minor), 0)
          <> CASE WHEN o.state = 'failed' THEN 0 ELSE o.amount_minor END
        """,  # noqa: S608  the parts are constants
    ),
    Check(
        "payouts_know_what_came_back",
        "what is reversed of each payout is the sum of its reversals, and its state says so",
        """
        SELECT 'payout ' || public_id, back || ' ' || CASE WHEN back = 0 THEN 'paid'
            WHEN back = amount_minor THEN 'reversed' ELSE 'partly_reversed' END,
          reversed_minor || ' ' || state
        FROM (
          SELECT o.*, coalesce((
            SELECT sum(m.amount_minor) FROM payments_externaltransaction m
            WHERE m.connection_id = o.connection_id AND m.group_id = o.external_id
              AND m.kind = 'transfer_reversed' AND m.state = 'completed'), 0) AS back
          FROM payments_payout o WHERE o.state IN ('paid', 'partly_reversed', 'reversed')
        ) made
        WHERE reversed_minor <> back OR state <> CASE WHEN back = 0 THEN 'paid'
          WHEN back = amount_minor THEN 'reversed' ELSE 'partly_reversed' END
        """,
    ),
    Check(
        "payables_are_paid_or_owed",
        "what we owe each barber is what no made payout has paid, and what those withheld",
        """
        SELECT 'barber ' || barber_id || ' ' || currency || ' ' || environment, sum(owed),
          sum(unpaid)
        FROM (
          SELECT a.barber_id, a.currency, a.environment, -e.amount_minor AS owed,
            CASE WHEN t.kind = 'transfer' AND o.id IS NOT NULL THEN 0
              WHEN p.state IN ('paid', 'partly_reversed', 'reversed') THEN l.withheld_minor
              ELSE -e.amount_minor END AS unpaid
          FROM payments_ledgeraccount a JOIN payments_ledgerentry e ON e.account_id = a.id
          JOIN payments_ledgertransaction t ON t.id = e.transaction_id
          LEFT JOIN payments_payoutline l ON l.entry_id = e.id AND l.released_at IS NULL
          LEFT JOIN payments_payout p ON p.id = l.payout_id
          LEFT JOIN payments_externaltransaction m
            ON t.source_type = 'movement' AND m.id = t.source_id
          LEFT JOIN payments_payout o ON o.public_id = m.our_reference
            AND o.connection_id = m.connection_id AND o.external_id = m.external_id
            AND o.state IN ('paid', 'partly_reversed', 'reversed')
          WHERE a.code = 'payable'
          UNION ALL
          SELECT p.barber_id, p.currency, p.environment, 0, l.withheld_minor
          FROM payments_payoutline l JOIN payments_payout p ON p.id = l.payout_id
          WHERE l.entry_id IS NULL AND l.released_at IS NULL
            AND p.state IN ('paid', 'partly_reversed', 'reversed')
        ) sides
        GROUP BY barber_id, currency, environment HAVING sum(owed) <> sum(unpaid)
        """,
    ),
    Check(
        "withheld_fees_are_given_back",
        "what payouts withhold for a sale's unknown fee is never given back twice",
        """
        SELECT 'movement ' || movement_id, 'at least 0', sum(withheld_minor)
        FROM payments_payoutline WHERE released_at IS NULL AND withheld_minor <> 0
        GROUP BY movement_id HAVING sum(withheld_minor) < 0
        """,
    ),
    Check(
        "open_payouts_will_be_asked_about",
        "each payout whose outcome is open has a lease or a next question",
        """
        SELECT 'payout ' || public_id, 'lease or question', 'neither' FROM payments_payout
        WHERE state IN ('submitted', 'unknown')
          AND lease_until IS NULL AND next_check_at IS NULL
        """,
    ),
    Check(
        "payments_know_what_is_disputed",
        "what is disputed of each payment is what movements of its disputes took and kept",
        """
        SELECT 'payment ' || p.public_id, coalesce(moved.amount, 0), p.disputed_minor
        FROM payments_payment p LEFT JOIN (
          SELECT d.payment_id, greatest(sum(
            CASE m.kind WHEN 'dispute' THEN m.amount_minor ELSE -m.amount_minor END), 0) AS amount
          FROM payments_dispute d JOIN payments_externaltransaction m
            ON m.connection_id = d.connection_id AND m.group_id = d.external_id
              AND m.kind IN ('dispute', 'dispute_won') AND m.state = 'completed'
          GROUP BY d.payment_id
        ) moved ON moved.payment_id = p.id
        WHERE p.disputed_minor <> coalesce(moved.amount, 0)
        """,
    ),
)
