"""Which operation answers which processor event, as `urls.py` does for requests.

A name is a type, or with a point at its end the beginning of types; the longest one counts. What
is not named is kept, and ignored by name.
"""

from payments.operations import account_events, sale_events
from processors.operations.webhook_outcomes import EventOperation

event_routes: dict[str, EventOperation] = {
    "stripe:payment_intent.": sale_events.note_sale,
    "stripe:charge.": sale_events.note_sale,
    "stripe:account.updated": account_events.note_account,
    "stripe:account.application.deauthorized": account_events.note_revocation,
    "square:payment.": sale_events.note_sale,
    "square:oauth.authorization.revoked": account_events.note_revocation,
}
