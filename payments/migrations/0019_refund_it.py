from django.db import migrations, models

_SUGGEST = """
UPDATE payments_discrepancy SET fixes = '["refund_it", "ignore"]'
WHERE kind = 'money_on_closed_leg' AND state = 'open' AND fixes = '[]'
"""

# The platform bears the fee of money that nothing explains, so that suspense returns to zero when
# that money does. What was booked otherwise is corrected by entries of its own.
_OPEN_ACCOUNTS = """
INSERT INTO payments_ledgeraccount (environment, code, barber_id, connection_id, currency)
SELECT environment, 'processing_fees', 0, 0, currency FROM payments_ledgeraccount
WHERE code = 'suspense'
ON CONFLICT (environment, code, barber_id, connection_id, currency) DO NOTHING
"""
_MOVE_FEES = """
WITH moved AS (
  SELECT t.source_id, a.environment, a.currency, sum(e.amount_minor) AS fee_minor,
    max(t.revision) + 1 AS revision, max(t.occurred_at) AS occurred_at
  FROM payments_ledgeraccount a JOIN payments_ledgerentry e ON e.account_id = a.id
  JOIN payments_ledgertransaction t ON t.id = e.transaction_id
  WHERE a.code = 'suspense' AND t.source_type = 'movement' AND t.kind = 'fee' AND NOT EXISTS (
    SELECT FROM payments_ledgertransaction x
    WHERE x.source_type = 'movement' AND x.source_id = t.source_id AND x.kind = 'explained')
  GROUP BY t.source_id, a.environment, a.currency HAVING sum(e.amount_minor) <> 0
), booked AS (
  INSERT INTO payments_ledgertransaction
    (kind, source_type, source_id, revision, occurred_at, booked_at, by)
  SELECT 'fee', 'movement', source_id, revision, occurred_at, now(), 'job:payments.migrate'
  FROM moved ORDER BY source_id
  RETURNING id, source_id
)
INSERT INTO payments_ledgerentry (transaction_id, account_id, barber_id, amount_minor, currency)
SELECT b.id, a.id, 0, CASE a.code WHEN 'suspense' THEN -m.fee_minor ELSE m.fee_minor END, m.currency
FROM booked b JOIN moved m ON m.source_id = b.source_id
JOIN payments_ledgeraccount a ON a.environment = m.environment AND a.currency = m.currency
  AND a.code IN ('suspense', 'processing_fees') AND a.barber_id = 0 AND a.connection_id = 0
ORDER BY b.id, a.code
"""


class Migration(migrations.Migration):
    dependencies = [("payments", "0018_payout_lines_without_entry_online")]

    operations = [
        migrations.AlterField(
            model_name="discrepancy",
            name="fix",
            field=models.CharField(
                blank=True,
                choices=[
                    ("accept_theirs", "Accept Theirs"),
                    ("create", "Create"),
                    ("link", "Link"),
                    ("refund_one", "Refund One"),
                    ("refund_it", "Refund It"),
                    ("ignore", "Ignore"),
                ],
                db_default="",
                default="",
                max_length=20,
            ),
        ),
        migrations.RunSQL(_SUGGEST, migrations.RunSQL.noop),
        migrations.RunSQL([_OPEN_ACCOUNTS, _MOVE_FEES], migrations.RunSQL.noop),
    ]
