"""Test cards of the simulated processors: one choice, a token for each processor.

Sources: https://docs.stripe.com/testing and
https://developer.squareup.com/docs/devtools/sandbox/payments.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TestCard:
    label: str
    stripe: str
    square: str

    def get_token(self, processor: str) -> str:
        return {"stripe": self.stripe, "square": self.square}[processor]


TEST_CARDS = {
    "approved": TestCard("Approved", "pm_card_visa", "cnon:card-nonce-ok"),
    "declined": TestCard("Declined", "pm_card_chargeDeclined", "cnon:card-nonce-declined"),
    "insufficient_funds": TestCard(
        "Declined: insufficient funds",
        "pm_card_chargeDeclinedInsufficientFunds",
        "cnon:card-nonce-insufficient-funds",
    ),
    "authentication": TestCard(
        "Needs the payer’s authentication",
        "pm_card_authenticationRequired",
        "cnon:card-nonce-requires-verification",
    ),
}
