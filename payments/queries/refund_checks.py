"""What must hold between refunds, their payments and the movements of money."""

from .checks import Check

REFUND_CHECKS = (
    Check(
        "payments_count_their_refunds",
        "what a payment says of its refunds is what their rows sum to",
        """
        SELECT 'payment ' || public_id, refunded || ' and ' || least(reserved, amount - refunded),
          refunded_minor || ' and ' || reserved_refund_minor
        FROM (
          SELECT p.public_id, p.refunded_minor, p.reserved_refund_minor, p.amount_minor AS amount,
            least(p.amount_minor,
              coalesce(sum(r.amount_minor) FILTER (WHERE r.state = 'succeeded'), 0)) AS refunded,
            coalesce(sum(r.amount_minor)
              FILTER (WHERE r.state IN ('submitted', 'pending', 'unknown')), 0) AS reserved
          FROM payments_payment p
          LEFT JOIN payments_refund r ON r.payment_id = p.id AND NOT r.is_compensation
          GROUP BY p.id
        ) sums
        WHERE (refunded_minor, reserved_refund_minor)
          <> (refunded, least(reserved, amount - refunded))
        """,
    ),
    Check(
        "refunds_have_movements",
        "each refund that succeeded has moved its amount, and each that ended otherwise nothing",
        """
        SELECT 'refund ' || r.public_id,
          CASE WHEN r.state = 'succeeded' THEN r.amount_minor ELSE 0 END,
          coalesce(sum(CASE WHEN m.kind = 'refund' THEN m.amount_minor ELSE -m.amount_minor END), 0)
        FROM payments_refund r JOIN payments_paymentleg l ON l.id = r.leg_id
        LEFT JOIN payments_externaltransaction m
          ON m.connection_id = l.connection_id AND m.state = 'completed' AND r.external_id <> ''
          AND ((m.kind = 'refund' AND m.external_id = r.external_id)
            OR (m.kind = 'refund_failed' AND m.parent_external_id = r.external_id))
        WHERE r.state IN ('succeeded', 'failed', 'canceled')
        GROUP BY r.id
        HAVING coalesce(
            sum(CASE WHEN m.kind = 'refund' THEN m.amount_minor ELSE -m.amount_minor END), 0)
          <> CASE WHEN r.state = 'succeeded' THEN r.amount_minor ELSE 0 END
        """,
    ),
    Check(
        "movements_of_legs_have_refunds",
        "each refund that moved on a leg of ours has its row, which its payment counts",
        """
        SELECT 'movement ' || m.id, 'a refund', 'none'
        FROM payments_externaltransaction m JOIN payments_paymentleg l
          ON l.connection_id = m.connection_id AND l.external_id = m.group_id
          AND l.external_id <> ''
        WHERE m.kind = 'refund' AND m.state = 'completed' AND NOT EXISTS (
          SELECT FROM payments_refund r WHERE r.leg_id = l.id AND r.external_id = m.external_id)
        """,
    ),
    Check(
        "open_refunds_will_be_asked_about",
        "each refund whose outcome is open has a lease or a next question",
        """
        SELECT 'refund ' || public_id, 'lease or question', 'neither' FROM payments_refund
        WHERE state IN ('submitted', 'unknown', 'pending')
          AND lease_until IS NULL AND next_check_at IS NULL
        """,
    ),
)
