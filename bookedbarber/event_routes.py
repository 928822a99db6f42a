"""Which operation answers which processor event, as `urls.py` does for requests.

A name is a type, or with a point at its end the beginning of types; the longest one counts. What
is not named is kept, and ignored by name.
"""

from collections_app.operations import debit_events
from payments.operations import (
    account_events,
    dispute_events,
    payout_events,
    refund_events,
    sale_events,
)
from processors.operations.webhook_outcomes import EventOperation

event_routes: dict[str, EventOperation] = {
    "stripe:payment_intent.": debit_events.note_charge,
    "stripe:charge.": debit_events.note_charge,
    "stripe:charge.refund.": refund_events.hear_of_refund_event,
    "stripe:refund.": refund_events.hear_of_refund_event,
    "stripe:charge.dispute.": debit_events.note_dispute_of_charge,
    "stripe:transfer.": payout_events.hear_of_transfer_event,
    "stripe:payout.": payout_events.hear_of_bank_payout_event,
    "stripe:account.updated": account_events.note_account,
    "stripe:account.application.deauthorized": account_events.note_revocation,
    "square:payment.": sale_events.note_sale,
    "square:refund.": refund_events.hear_of_refund_event,
    "square:dispute.": dispute_events.hear_of_dispute_event,
    "square:payout.": payout_events.hear_of_bank_payout_event,
    "square:oauth.authorization.revoked": account_events.note_revocation,
}
