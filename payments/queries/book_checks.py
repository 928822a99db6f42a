"""What must hold in the books, each a named check that lists the rows where it does not.

A check is one statement that answers (what, expected, found) for each offence; sums are minor
units. `verify_books` runs all that `settings.BOOK_CHECKS` names in one snapshot: those of apps
above this one, too.
"""

from collections.abc import Iterator
from itertools import islice

from django.conf import settings
from django.db import connection, transaction
from django.utils.module_loading import import_string

from .checks import Check, Offence
from .movement_checks import MOVEMENT_CHECKS
from .payout_checks import PAYOUT_CHECKS
from .refund_checks import REFUND_CHECKS
from .seals import SEALS_CHECK, find_broken_seals

__all__ = ["CHECKS", "MOST_SHOWN", "Check", "Offence", "list_checks", "verify_books"]

MOST_SHOWN = 100

CHECKS = (
    Check(
        "transactions_balance",
        "each ledger transaction has entries, and they sum to zero in each currency",
        """
        SELECT 'transaction ' || t.id, '0', coalesce(sum(e.amount_minor)::text, 'no entries')
        FROM payments_ledgertransaction t
        LEFT JOIN payments_ledgerentry e ON e.transaction_id = t.id
        GROUP BY t.id, e.currency HAVING sum(e.amount_minor) IS DISTINCT FROM 0
        """,
    ),
    Check(
        "entries_fit_accounts",
        "each entry has the currency and the barber of its account",
        """
        SELECT 'entry ' || e.id, a.currency || ' ' || a.barber_id, e.currency || ' ' || e.barber_id
        FROM payments_ledgerentry e JOIN payments_ledgeraccount a ON a.id = e.account_id
        WHERE (e.currency, e.barber_id) <> (a.currency, a.barber_id)
        """,
    ),
    Check(
        "legs_have_movements",
        "each captured leg has one completed movement of its amount, and no other leg has one",
        """
        SELECT 'leg ' || l.public_id, CASE WHEN l.state = 'captured' THEN l.amount_minor ELSE 0 END,
          coalesce(sum(m.amount_minor), 0)
        FROM payments_paymentleg l LEFT JOIN payments_externaltransaction m
          ON m.our_reference = l.public_id AND m.connection_id = l.connection_id
          AND m.payment_id = l.payment_id AND m.kind = 'charge' AND m.state = 'completed'
          AND m.purpose = CASE l.role WHEN 'commission' THEN 'commission' ELSE 'sale' END
        GROUP BY l.id HAVING coalesce(sum(m.amount_minor), 0)
          <> CASE WHEN l.state = 'captured' THEN l.amount_minor ELSE 0 END OR count(m.id) > 1
        """,
    ),
    Check(
        "payments_are_covered",
        "a completed payment's captured legs sum to its amount; what was captured of one that "
        "failed is given back",
        """
        SELECT 'payment ' || public_id, expected, captured
        FROM (
          SELECT p.public_id,
            CASE WHEN p.state = 'completed' THEN p.amount_minor ELSE coalesce((
              SELECT sum(r.amount_minor) FROM payments_refund r
              JOIN payments_paymentleg c ON c.id = r.leg_id AND c.state = 'captured'
              WHERE r.payment_id = p.id AND r.is_compensation), 0) END AS expected,
            coalesce(sum(l.amount_minor) FILTER (WHERE l.state = 'captured'), 0) AS captured
          FROM payments_payment p LEFT JOIN payments_paymentleg l ON l.payment_id = p.id
          WHERE p.state IN ('completed', 'failed', 'canceled')
          GROUP BY p.id
        ) payments WHERE expected <> captured
        """,
    ),
    Check(
        "accruals_are_posted",
        "each accrual has one posting of its amount to the barber's receivable",
        """
        SELECT 'accrual ' || a.id, a.amount_minor, coalesce(sum(e.amount_minor), 0)
        FROM payments_accrual a
        LEFT JOIN payments_ledgertransaction t
          ON t.source_type = CASE WHEN a.movement_id IS NULL THEN 'accrual' ELSE 'movement' END
          AND t.source_id = coalesce(a.movement_id, a.id)
          AND t.kind = ANY(CASE WHEN a.movement_id IS NULL THEN ARRAY['accrual'] ELSE ARRAY[
            'debit_returned', 'debit_restored', 'debit_refunded', 'debit_refund_failed'] END)
        LEFT JOIN (payments_ledgerentry e JOIN payments_ledgeraccount c
          ON c.id = e.account_id AND c.code = 'receivable')
          ON e.transaction_id = t.id AND c.barber_id = a.barber_id AND c.currency = a.currency
            AND c.environment = a.environment
        GROUP BY a.id HAVING coalesce(sum(e.amount_minor), 0) <> a.amount_minor
        """,
    ),
    *MOVEMENT_CHECKS,
    Check(
        "final_payments_keep_no_tokens",
        "the payer's tokens are gone once a payment is final",
        """
        SELECT 'payment ' || public_id, 'none', 'tokens' FROM payments_payment
        WHERE state IN ('completed', 'failed', 'canceled') AND sealed_tokens IS NOT NULL
        """,
    ),
    Check(
        "open_legs_will_be_asked_about",
        "each leg whose outcome is open has a lease or a next question",
        """
        SELECT 'leg ' || public_id, 'lease or question', 'neither' FROM payments_paymentleg
        WHERE state IN ('submitted', 'unknown', 'requires_action')
          AND lease_until IS NULL AND next_check_at IS NULL
        """,
    ),
    Check(
        "payments_under_way_go_on",
        "each payment under way has a leg with a lease or a next question",
        """
        SELECT 'payment ' || p.public_id, 'lease or question', 'neither' FROM payments_payment p
        WHERE p.state IN ('processing', 'requires_action', 'unknown') AND NOT EXISTS (
          SELECT FROM payments_paymentleg l WHERE l.payment_id = p.id
            AND (l.lease_until IS NOT NULL OR l.next_check_at IS NOT NULL))
        """,
    ),
    Check(
        "final_payments_hold_nothing",
        "no leg of a final payment still holds a payer's money",
        """
        SELECT 'leg ' || l.public_id, 'captured or released', l.state
        FROM payments_paymentleg l JOIN payments_payment p ON p.id = l.payment_id
        WHERE p.state IN ('completed', 'failed', 'canceled')
          AND l.state NOT IN ('captured', 'failed', 'voided')
        """,
    ),
    *PAYOUT_CHECKS,
    *REFUND_CHECKS,
)


def list_checks() -> list[Check]:
    """The checks of every app."""
    return [check for path in settings.BOOK_CHECKS for check in import_string(path)]


def verify_books() -> Iterator[tuple[Check, list[Offence]]]:
    """Run every check against one snapshot; yields each with at most 100 offences."""
    with transaction.atomic(), connection.cursor() as cursor:
        if len(connection.savepoint_ids) == 0:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        # Compiling these statements takes longer than running them.
        cursor.execute("SET LOCAL jit = off")
        for check in list_checks():
            cursor.execute(f"{check.offences} LIMIT {MOST_SHOWN}")
            rows = cursor.fetchall()
            yield check, [Offence(check.name, *map(str, row)) for row in rows]
        yield SEALS_CHECK, list(islice(find_broken_seals(), MOST_SHOWN))
