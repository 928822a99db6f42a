"""Which of Square's errors prove that no money moved. Pure.

The HTTP status and the body's own words must agree: one without the other may be a proxy
speaking. Source: https://developer.squareup.com/docs/build-basics/handling-errors and the
enumeration ErrorCode of Square's OpenAPI specification.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bookedbarber.foundation.errors import DomainError
from processors.adapters.square.statements import check_payment
from processors.contract import ChargeRequest
from processors.errors import (
    AnswerLost,
    CardDeclined,
    CredentialsRefused,
    ProcessorBusy,
    RequestRefused,
)
from processors.transport.answers import find_code, find_mapping

# The same key with another body: the first request may have moved money.
_IDEMPOTENCY = "IDEMPOTENCY_KEY_REUSED"

_REFUSALS: dict[tuple[int, str], type[DomainError]] = {
    (400, "INVALID_REQUEST_ERROR"): RequestRefused,
    (404, "INVALID_REQUEST_ERROR"): RequestRefused,
    (400, "PAYMENT_METHOD_ERROR"): RequestRefused,
    (402, "PAYMENT_METHOD_ERROR"): RequestRefused,
    (400, "REFUND_ERROR"): RequestRefused,
    (401, "AUTHENTICATION_ERROR"): CredentialsRefused,
    (403, "AUTHENTICATION_ERROR"): CredentialsRefused,
    (403, "INVALID_REQUEST_ERROR"): CredentialsRefused,
    (429, "RATE_LIMIT_ERROR"): ProcessorBusy,
}

# The seller's account or our token, not the payer: Square says some of these of the card too.
_NOT_THE_CARD = frozenset({
    "CARD_PROCESSING_NOT_ENABLED", "CARD_TOKEN_EXPIRED", "CARD_TOKEN_USED",
    "INSUFFICIENT_PERMISSIONS", "INVALID_FEES", "INVALID_LOCATION", "PAYMENT_LIMIT_EXCEEDED",
    "SOURCE_EXPIRED", "SOURCE_USED", "DELAYED_TRANSACTION_EXPIRED", "DELAYED_TRANSACTION_CANCELED",
    "DELAYED_TRANSACTION_CAPTURED", "DELAYED_TRANSACTION_FAILED",
})  # fmt: skip

# The card's own even where Square files them as an invalid request.
_THE_CARD = frozenset({
    "ACCOUNT_UNUSABLE", "ADDRESS_VERIFICATION_FAILURE", "ALLOWABLE_PIN_TRIES_EXCEEDED",
    "BAD_EXPIRATION", "BUYER_REFUSED_PAYMENT", "CARDHOLDER_INSUFFICIENT_PERMISSIONS",
    "CARD_DECLINED", "CARD_DECLINED_CALL_ISSUER", "CARD_DECLINED_VERIFICATION_REQUIRED",
    "CARD_EXPIRED", "CARD_NOT_SUPPORTED", "CHIP_INSERTION_REQUIRED", "CVV_FAILURE",
    "EXPIRATION_FAILURE", "GENERIC_DECLINE", "GIFT_CARD_AVAILABLE_AMOUNT", "INSUFFICIENT_FUNDS",
    "INVALID_ACCOUNT", "INVALID_CARD", "INVALID_CARD_DATA", "INVALID_EXPIRATION",
    "INVALID_EXPIRATION_DATE", "INVALID_EXPIRATION_YEAR", "INVALID_PIN", "INVALID_POSTAL_CODE",
    "MISSING_PIN", "PAN_FAILURE", "TRANSACTION_LIMIT", "UNSUPPORTED_CARD_BRAND",
    "VERIFY_AVS_FAILURE", "VERIFY_CVV_FAILURE", "VOICE_FAILURE",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class ErrorAnswer:
    """An answer that is not a success, in Square's words. `repr` shows no body."""

    status: int | None
    body: object = field(repr=False)
    retry_after_seconds: float | None = None

    @property
    def is_busy(self) -> bool:
        return isinstance(to_failure(self), ProcessorBusy)

    def get_errors(self) -> list[Mapping[str, Any]]:
        """Return the errors, none of them where one is not of Square's shape."""
        errors = self.body.get("errors") if isinstance(self.body, Mapping) else None
        if not isinstance(errors, list) or not all(_is_well_formed(error) for error in errors):
            return []
        return errors


def to_failure(answer: ErrorAnswer) -> DomainError:
    """Name an error answer; whatever is not a well-formed refusal is `AnswerLost`."""
    errors = answer.get_errors()
    refusals = [_find_refusal(answer.status, error) for error in errors]
    if not errors or None in refusals:
        return AnswerLost(**_get_details(answer))
    refusal = refusals[0] or AnswerLost
    return refusal(**_get_details(answer))


def get_success(answer: Mapping[str, Any] | ErrorAnswer) -> Mapping[str, Any]:
    """Return what a call that succeeded said.

    :raises DomainError: it did not; the failure as `to_failure` names it.
    """
    if isinstance(answer, ErrorAnswer):
        raise to_failure(answer)
    return answer


def to_charge_failure(
    answer: ErrorAnswer, request: ChargeRequest, *, location_id: str
) -> DomainError:
    """Name the error answer to a charge, which may be the card's decline.

    :raises NotUnderstood: it is about another payment.
    """
    body = answer.body if isinstance(answer.body, Mapping) else {}
    payment = find_mapping(body, "payment")
    if payment:
        check_payment(payment, request, location_id=location_id)
        if find_code(payment, "status") not in {"FAILED", "CANCELED"}:
            return AnswerLost(**_get_details(answer))
    return _find_decline(answer, find_code(payment, "id")) or to_failure(answer)


def may_be_of_state(answer: ErrorAnswer) -> bool:
    """Say whether the payment's state may be why it was not canceled or captured."""
    return answer.status == 400 and isinstance(to_failure(answer), RequestRefused)


def _find_decline(answer: ErrorAnswer, payment_id: str) -> CardDeclined | None:
    errors = answer.get_errors()
    if answer.status not in {400, 402} or not errors or not all(map(_is_of_card, errors)):
        return None
    return CardDeclined(reason=errors[0]["code"].lower(), external_id=payment_id)


def _is_of_card(error: Mapping[str, Any]) -> bool:
    if error["code"] in _THE_CARD:
        return error["category"] in {"PAYMENT_METHOD_ERROR", "INVALID_REQUEST_ERROR"}
    return error["category"] == "PAYMENT_METHOD_ERROR" and error["code"] not in _NOT_THE_CARD


def _find_refusal(status: int | None, error: Mapping[str, Any]) -> type[DomainError] | None:
    if error["code"] == _IDEMPOTENCY:
        return None
    refusal = _REFUSALS.get((status or 0, error["category"]))
    if refusal is CredentialsRefused and error["code"] in _NOT_THE_CARD:
        return RequestRefused
    return refusal


def _is_well_formed(error: object) -> bool:
    return isinstance(error, Mapping) and all(
        find_code(error, name) for name in ("category", "code")
    )


def _get_details(answer: ErrorAnswer) -> dict[str, Any]:
    """Return what may be shown and logged: code words only, a detail can quote a token."""
    error = next(iter(answer.get_errors()), {})
    words = {f"processor_{name}": find_code(error, name) for name in ("category", "code", "field")}
    said = {**words, "retry_after": answer.retry_after_seconds}
    return {"status": answer.status, **{name: word for name, word in said.items() if word}}
