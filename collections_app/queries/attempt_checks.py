"""What must hold between attempts and the books; each statement as in payments' book checks."""

from payments.queries.checks import Check

ATTEMPT_CHECKS = (
    Check(
        "debits_have_movements",
        "each debit that was paid has one completed movement of its amount, and no other has one",
        """
        SELECT 'attempt ' || a.public_id,
          CASE WHEN a.state IN ('succeeded', 'returned') THEN a.amount_minor ELSE 0 END,
          coalesce(sum(m.amount_minor), 0)
        FROM collections_app_collectionattempt a LEFT JOIN payments_externaltransaction m
          ON m.our_reference = a.public_id AND m.connection_id = a.connection_id
          AND m.kind = 'charge' AND m.state = 'completed' AND m.purpose = 'debit'
        WHERE a.connection_id IS NOT NULL
        GROUP BY a.id HAVING count(m.id) > 1 OR coalesce(sum(m.amount_minor), 0)
          <> CASE WHEN a.state IN ('succeeded', 'returned') THEN a.amount_minor ELSE 0 END
        """,
    ),
)
