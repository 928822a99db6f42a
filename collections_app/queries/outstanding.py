"""What barbers owe that is in no collection.

Outstanding is an accrual without a line that is live or contested. `made_at` is what decides in
which period it counts: a sale's accruals, corrections of it included, are of the moment of the
sale, so that a refund within the buffer nets; adjustments are of the moment of what they correct.
What was carried over counts at once, beside the credit that it takes away.
"""

OUTSTANDING = """
outstanding AS (
  SELECT a.id, a.barber_id, a.currency, a.amount_minor,
    CASE WHEN a.kind = 'carried_over' THEN '-infinity'
      ELSE coalesce(s.occurred_at, w.occurred_at, a.occurred_at) END AS made_at,
    coalesce(w.kind, a.kind) = 'rent' AS is_rent
  FROM payments_accrual a
  LEFT JOIN payments_accrual w ON w.id = a.corrects_id
  LEFT JOIN payments_externaltransaction s ON s.id = coalesce(a.sale_id, w.sale_id)
  WHERE a.environment = %(environment)s AND a.amount_minor <> 0 AND NOT EXISTS (
    SELECT FROM collections_app_collectionline l
    WHERE l.accrual_id = a.id AND l.state <> 'released')
)
"""
