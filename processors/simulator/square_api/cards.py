"""Square's sandbox payment tokens and what each does when it is charged.

Source: https://developer.squareup.com/docs/devtools/sandbox/payments.
"""

from dataclasses import dataclass, replace

from processors.simulator.messages import Json


@dataclass(frozen=True, slots=True)
class TestSource:
    """`decline`: Square's error code. `asks_for_verification`: declined without buyer's token."""

    brand: str = "VISA"
    last4: str = "1111"
    bin: str = "411111"
    card_type: str = "CREDIT"
    decline: str | None = None
    detail: str = "Authorization error: 'GENERIC_DECLINE'"
    cvv: str = "CVV_ACCEPTED"
    avs: str = "AVS_ACCEPTED"
    asks_for_verification: bool = False


def _declined(code: str, like: TestSource = TestSource()) -> TestSource:
    return replace(like, decline=code, detail=f"Authorization error: '{code}'")


TEST_SOURCES = {
    "cnon:card-nonce-ok": TestSource(),
    "cnon:card-nonce-declined": _declined("CARD_DECLINED"),
    "cnon:card-nonce-rejected-cvv": _declined("CVV_FAILURE", TestSource(cvv="CVV_REJECTED")),
    "cnon:card-nonce-rejected-postalcode": _declined(
        "ADDRESS_VERIFICATION_FAILURE", TestSource(avs="AVS_REJECTED")
    ),
    "cnon:card-nonce-rejected-expiration": _declined("INVALID_EXPIRATION"),
    "cnon:card-nonce-insufficient-funds": _declined("INSUFFICIENT_FUNDS"),
    "cnon:card-nonce-already-used": _declined("CARD_TOKEN_USED"),
    "cnon:gift-card-nonce-ok": TestSource(
        brand="SQUARE_GIFT_CARD", last4="0000", bin="778332", card_type="UNKNOWN_CARD_TYPE"
    ),
    "cnon:gift-card-nonce-insufficient-funds": _declined(
        "INSUFFICIENT_FUNDS", TestSource(brand="SQUARE_GIFT_CARD")
    ),
    "cnon:card-nonce-requires-verification": TestSource(
        decline=None,
        detail="Authorization error: 'CARD_DECLINED_VERIFICATION_REQUIRED'",
        asks_for_verification=True,
    ),
}


def find_decline(source: TestSource, verification_token: str | None) -> str | None:
    """The code this card is declined with, None when it is good."""
    if source.asks_for_verification and not verification_token:
        return "CARD_DECLINED_VERIFICATION_REQUIRED"
    return source.decline


def describe_card(source: TestSource) -> Json:
    return {
        "card_brand": source.brand,
        "last_4": source.last4,
        "exp_month": 11,
        "exp_year": 2035,
        "fingerprint": f"sq-1-simulated-{source.bin}{source.last4}",
        "card_type": source.card_type,
        "prepaid_type": "UNKNOWN_PREPAID_TYPE",
        "bin": source.bin,
    }
