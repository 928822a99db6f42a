"""Stripe's test cards: by token, by number, and what each does when it is charged.

Source: https://docs.stripe.com/testing.
"""

from dataclasses import dataclass, replace
from datetime import UTC, datetime

from processors.simulator.messages import Json


@dataclass(frozen=True, slots=True)
class Decline:
    """Why the bank says no, in Stripe's words."""

    code: str
    decline_code: str
    message: str


@dataclass(frozen=True, slots=True)
class TestCard:
    """`asks_for_authentication`: charging it ends in `requires_action` first."""

    number: str
    brand: str = "visa"
    funding: str = "credit"
    country: str = "US"
    decline: Decline | None = None
    asks_for_authentication: bool = False

    @property
    def last4(self) -> str:
        return self.number[-4:]


def _declined(decline_code: str, message: str = "Your card was declined.") -> Decline:
    return Decline("card_declined", decline_code, message)


DECLINED = _declined("generic_decline")
INSUFFICIENT_FUNDS = _declined("insufficient_funds", "Your card has insufficient funds.")
AUTHENTICATION_REQUIRED = Decline(
    "authentication_required",
    "authentication_required",
    "Your card was declined. This transaction requires authentication.",
)
EXPIRED = Decline("expired_card", "expired_card", "Your card has expired.")
_WRONG_CVC = Decline("incorrect_cvc", "incorrect_cvc", "Your card's security code is incorrect.")
_PROCESSING = Decline(
    "processing_error",
    "processing_error",
    "An error occurred while processing your card. Try again in a little bit.",
)

_VISA = TestCard("4242424242424242")

TEST_CARDS = {
    "pm_card_visa": _VISA,
    "pm_card_visa_debit": TestCard("4000056655665556", funding="debit"),
    "pm_card_mastercard": TestCard("5555555555554444", "mastercard"),
    "pm_card_mastercard_debit": TestCard("5200828282828210", "mastercard", "debit"),
    "pm_card_mastercard_prepaid": TestCard("5105105105105100", "mastercard", "prepaid"),
    "pm_card_amex": TestCard("378282246310005", "amex"),
    "pm_card_discover": TestCard("6011111111111117", "discover"),
    "pm_card_gb": TestCard("4000008260000000", country="GB"),
    "pm_card_de": TestCard("4000002760000016", country="DE"),
    "pm_card_chargeDeclined": TestCard("4000000000000002", decline=DECLINED),
    "pm_card_chargeDeclinedInsufficientFunds": TestCard(
        "4000000000009995", decline=INSUFFICIENT_FUNDS
    ),
    "pm_card_chargeDeclinedLostCard": TestCard("4000000000009987", decline=_declined("lost_card")),
    "pm_card_chargeDeclinedStolenCard": TestCard(
        "4000000000009979", decline=_declined("stolen_card")
    ),
    "pm_card_chargeDeclinedExpiredCard": TestCard("4000000000000069", decline=EXPIRED),
    "pm_card_chargeDeclinedIncorrectCvc": TestCard("4000000000000127", decline=_WRONG_CVC),
    "pm_card_chargeDeclinedProcessingError": TestCard("4000000000000119", decline=_PROCESSING),
    # Can be attached to a customer; declined whenever it is charged.
    "pm_card_chargeCustomerFail": TestCard("4000000000000341", decline=DECLINED),
    # Can be attached; declined whenever it is charged.
    "pm_card_authenticationRequiredChargeDeclinedInsufficientFunds": TestCard(
        "4000008260003178", country="GB", decline=INSUFFICIENT_FUNDS
    ),
    "pm_card_authenticationRequired": TestCard(
        "4000002760003184", country="DE", asks_for_authentication=True
    ),
    "pm_card_threeDSecureRequired": TestCard("4000000000003220", asks_for_authentication=True),
}
# Stripe knows the declining Visa cards under a second name.
TEST_CARDS |= {
    token.replace("pm_card_", "pm_card_visa_"): card
    for token, card in TEST_CARDS.items()
    if token.startswith("pm_card_chargeDeclined")
}

_BY_NUMBER = {card.number: token for token, card in reversed(TEST_CARDS.items())}


def find_by_number(number: str) -> str | None:
    """The test token that behaves like this card number."""
    return _BY_NUMBER.get(number.replace(" ", ""))


def find_by_card_token(token: str) -> str | None:
    """`tok_visa` is `pm_card_visa`, `tok_chargeDeclined` is `pm_card_chargeDeclined`."""
    name = "pm_card_" + token.removeprefix("tok_")
    return name if name in TEST_CARDS else None


def describe_card(card: TestCard, *, expires_month: int, expires_year: int) -> Json:
    """The `card` of a payment method."""
    return {
        "brand": card.brand,
        "checks": {
            "address_line1_check": None,
            "address_postal_code_check": None,
            "cvc_check": "pass",
        },
        "country": card.country,
        "display_brand": card.brand,
        "exp_month": expires_month,
        "exp_year": expires_year,
        "fingerprint": f"sim{card.number[:4]}{card.last4}",
        "funding": card.funding,
        "generated_from": None,
        "last4": card.last4,
        "networks": {"available": [card.brand], "preferred": None},
        "three_d_secure_usage": {"supported": True},
        "wallet": None,
    }


def describe_charged_card(card: Json, amount_minor: int) -> Json:
    """The `payment_method_details` of a charge with this `card`."""
    return {
        "type": "card",
        "card": {
            "amount_authorized": amount_minor,
            "brand": card["brand"],
            "checks": card["checks"],
            "country": card["country"],
            "exp_month": card["exp_month"],
            "exp_year": card["exp_year"],
            "fingerprint": card["fingerprint"],
            "funding": card["funding"],
            "installments": None,
            "last4": card["last4"],
            "mandate": None,
            "network": card["brand"],
            "network_token": {"used": False},
            "three_d_secure": None,
            "wallet": None,
        },
    }


def is_expired(card: Json, now_ms: int) -> bool:
    """Whether the month that is printed on a card (the `card` of a payment method) is over."""
    now = datetime.fromtimestamp(now_ms / 1000, tz=UTC)
    return (card["exp_year"], card["exp_month"]) < (now.year, now.month)


def authenticated(card: TestCard) -> TestCard:
    """The card after its holder proved to be its holder."""
    return replace(card, asks_for_authentication=False)
