"""What must hold between collections and the books; each statement as in payments' book checks."""

from payments.queries.checks import Check

# Lines whose money is no longer owed.
_SETTLED = """
collections_app_collectionline l JOIN collections_app_platformcollection p
  ON p.id = l.collection_id AND p.state IN ('collected', 'waived')
WHERE l.state = 'live'
"""

COLLECTION_CHECKS = (
    Check(
        "receivable_equals_what_is_owed",
        "what each barber owes in the books is his accruals that are outstanding, contested, or in"
        " a collection that is neither collected nor waived",
        f"""
        SELECT 'barber ' || barber_id || ' ' || currency || ' ' || environment,
          sum(owed), sum(booked)
        FROM (
          SELECT environment, barber_id, currency, amount_minor AS owed, 0 AS booked
            FROM payments_accrual
          UNION ALL
          SELECT p.environment, p.barber_id, p.currency, -l.amount_minor, 0 FROM {_SETTLED}
          UNION ALL
          SELECT c.environment, c.barber_id, c.currency, 0, e.amount_minor
            FROM payments_ledgerentry e JOIN payments_ledgeraccount c ON c.id = e.account_id
            WHERE c.code = 'receivable'
        ) sides
        GROUP BY environment, barber_id, currency HAVING sum(owed) <> sum(booked)
        """,  # noqa: S608  the parts are constants
    ),
    Check(
        "collections_equal_their_lines",
        "each collection is the sum of its live lines and counts them; a canceled one has none",
        """
        SELECT 'collection ' || public_id, amount || ' in ' || lines, found || ' in ' || counted
        FROM (
          SELECT p.public_id, CASE WHEN p.state = 'canceled' THEN 0 ELSE p.amount_minor END
              AS amount,
            CASE WHEN p.state = 'canceled' THEN 0 ELSE p.line_count END AS lines,
            coalesce(sum(l.amount_minor), 0) AS found, count(l.id) AS counted
          FROM collections_app_platformcollection p
          LEFT JOIN collections_app_collectionline l
            ON l.collection_id = p.id AND l.state = 'live'
          GROUP BY p.id
        ) sums WHERE (amount, lines) <> (found, counted)
        """,
    ),
    Check(
        "lines_fit_accruals",
        "each line has the amount of its accrual, and the barber, currency and environment of its"
        " collection",
        """
        SELECT 'line ' || l.id,
          a.amount_minor || ' ' || p.barber_id || ' ' || p.currency || ' ' || p.environment,
          l.amount_minor || ' ' || a.barber_id || ' ' || a.currency || ' ' || a.environment
        FROM collections_app_collectionline l
        JOIN collections_app_platformcollection p ON p.id = l.collection_id
        JOIN payments_accrual a ON a.id = l.accrual_id
        WHERE (l.amount_minor, p.barber_id, p.currency, p.environment)
          <> (a.amount_minor, a.barber_id, a.currency, a.environment)
        """,
    ),
    Check(
        "waivers_are_posted",
        "what was waived of each collection is its amount if it is waived, else nothing",
        """
        SELECT 'collection ' || p.public_id,
          CASE WHEN p.state = 'waived' THEN p.amount_minor ELSE 0 END,
          coalesce(sum(e.amount_minor), 0)
        FROM collections_app_platformcollection p
        LEFT JOIN payments_ledgertransaction t ON t.source_type = 'collection'
          AND t.source_id = p.id AND t.kind = 'waiver'
        LEFT JOIN (payments_ledgerentry e JOIN payments_ledgeraccount c
          ON c.id = e.account_id AND c.code = 'waived') ON e.transaction_id = t.id
        GROUP BY p.id HAVING coalesce(sum(e.amount_minor), 0)
          <> CASE WHEN p.state = 'waived' THEN p.amount_minor ELSE 0 END
        """,
    ),
    Check(
        "contests_are_decided_as_they_say",
        "a contest that was upheld has an adjustment that takes its accrual back",
        """
        SELECT 'line ' || l.id, -l.amount_minor, coalesce(sum(a.amount_minor), 0)
        FROM collections_app_collectionline l JOIN payments_accrual w ON w.id = l.accrual_id
        LEFT JOIN payments_accrual a ON a.corrects_id = coalesce(w.corrects_id, w.id)
          AND a.reference = 'contest:' || l.id
        WHERE l.decision = 'upheld'
        GROUP BY l.id HAVING coalesce(sum(a.amount_minor), 0) <> -l.amount_minor
        """,
    ),
    Check(
        "collections_are_paid_by_an_attempt",
        "a collection that is collected, or whose payment is disputed, has one attempt of its"
        " amount that succeeded; any other has none",
        """
        SELECT 'collection ' || p.public_id,
          CASE WHEN p.state IN ('collected', 'disputed') THEN p.amount_minor ELSE 0 END,
          coalesce(sum(t.amount_minor), 0)
        FROM collections_app_platformcollection p
        LEFT JOIN collections_app_collectionattempt t
          ON t.collection_id = p.id AND t.state = 'succeeded'
        GROUP BY p.id HAVING coalesce(sum(t.amount_minor), 0)
          <> CASE WHEN p.state IN ('collected', 'disputed') THEN p.amount_minor ELSE 0 END
        """,
    ),
    Check(
        "decided_payments_are_posted",
        "what was netted or paid by hand is booked to the barber's receivable",
        """
        SELECT 'attempt ' || t.public_id, -t.amount_minor, coalesce(sum(e.amount_minor), 0)
        FROM collections_app_collectionattempt t
        JOIN collections_app_platformcollection p ON p.id = t.collection_id
        LEFT JOIN payments_ledgertransaction b
          ON b.source_type = 'attempt' AND b.source_id = t.id
            AND b.kind = CASE t.method WHEN 'manual' THEN 'manual_payment' ELSE 'netting' END
        LEFT JOIN (payments_ledgerentry e JOIN payments_ledgeraccount c
          ON c.id = e.account_id AND c.code = 'receivable')
          ON e.transaction_id = b.id AND c.barber_id = p.barber_id
        WHERE t.method IN ('manual', 'payout_deduction') AND t.state = 'succeeded'
        GROUP BY t.id HAVING coalesce(sum(e.amount_minor), 0) <> -t.amount_minor
        """,
    ),
    Check(
        "open_debits_will_be_asked_about",
        "each attempt whose outcome is open has a lease or a next question",
        """
        SELECT 'attempt ' || public_id, 'lease or question', 'neither'
        FROM collections_app_collectionattempt
        WHERE state IN ('submitted', 'pending', 'unknown')
          AND lease_until IS NULL AND next_check_at IS NULL
        """,
    ),
    Check(
        "collections_under_way_go_on",
        "each collection under way has an attempt whose outcome is open",
        """
        SELECT 'collection ' || p.public_id, 'an open attempt', 'none'
        FROM collections_app_platformcollection p
        WHERE p.state = 'processing' AND NOT EXISTS (
          SELECT FROM collections_app_collectionattempt t
          WHERE t.collection_id = p.id AND t.state IN ('submitted', 'pending', 'unknown'))
        """,
    ),
)
