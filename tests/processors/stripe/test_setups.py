"""What a checkout session of Stripe's says of a payment method that is to be saved."""

import json
from pathlib import Path

import pytest

from processors.adapters.stripe.setups import _to_statement
from processors.contract import SetupState

EXAMPLES = json.loads((Path(__file__).parents[2] / "contracts" / "stripe_objects.json").read_text())


@pytest.mark.parametrize(
    ("session", "intent", "state"),
    [
        ("open", "requires_payment_method", SetupState.OPEN),
        ("expired", "canceled", SetupState.EXPIRED),
        # A bank account is verified by deposits within days.
        ("complete", "requires_action", SetupState.OPEN),
        ("complete", "canceled", SetupState.EXPIRED),
    ],
)
def test_a_page_that_is_done_with_may_have_saved_nothing_yet(session, intent, state):
    said = EXAMPLES["checkout_session"] | {
        "status": session,
        "customer": "cus_1",
        "setup_intent": EXAMPLES["setup_intent"] | {"status": intent},
    }

    statement = _to_statement(said, "cus_1")

    assert (statement.state, statement.saved) == (state, None)
