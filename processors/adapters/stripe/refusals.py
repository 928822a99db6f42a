"""Which of Stripe's errors prove that no money moved. Pure.

The HTTP status and the body's own words must agree: one without the other may be a proxy
speaking. Source: https://docs.stripe.com/api/errors, https://docs.stripe.com/error-low-level
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bookedbarber.foundation.errors import DomainError
from processors.adapters.stripe.statements import check_payment_intent
from processors.contract import ChargeRequest
from processors.errors import (
    AnswerLost,
    CardDeclined,
    CredentialsRefused,
    ProcessorBusy,
    RequestRefused,
)
from processors.transport.answers import find_code, find_mapping

# The same key with other parameters, or twice at once: the first request may have moved money.
_IDEMPOTENCY = frozenset({"idempotency_error", "idempotency_key_in_use"})

# Type of error by status, and what it says. Stripe's types are few; codes are many and grow.
_REFUSALS: dict[tuple[int, str], type[DomainError]] = {
    (400, "invalid_request_error"): RequestRefused,
    (404, "invalid_request_error"): RequestRefused,
    (401, "invalid_request_error"): CredentialsRefused,
    (401, "authentication_error"): CredentialsRefused,
    (403, "invalid_request_error"): CredentialsRefused,
    (403, "permission_error"): CredentialsRefused,
    (429, "invalid_request_error"): ProcessorBusy,
    (429, "rate_limit_error"): ProcessorBusy,
    (429, "api_error"): ProcessorBusy,
}

# What an intent is in when it has moved nothing and is moving nothing.
_IDLE_INTENT = frozenset({"requires_payment_method", "requires_confirmation", "canceled"})


@dataclass(frozen=True, slots=True)
class ErrorAnswer:
    """An answer that is not a success, in Stripe's words. `repr` shows no body."""

    status: int | None
    body: object = field(repr=False)
    retry_after_seconds: float | None = None

    @property
    def is_busy(self) -> bool:
        return isinstance(to_failure(self), ProcessorBusy)

    def get_error(self) -> Mapping[str, Any]:
        """Return the error object, an empty one where the body has no such shape."""
        error = self.body.get("error") if isinstance(self.body, Mapping) else None
        return error if isinstance(error, Mapping) else {}


def to_failure(answer: ErrorAnswer) -> DomainError:
    """Name an error answer; whatever is not a well-formed refusal is `AnswerLost`."""
    error = answer.get_error()
    details = _get_details(answer)
    refusal = _REFUSALS.get((answer.status or 0, find_code(error, "type")))
    if refusal is None or _IDEMPOTENCY & {find_code(error, "type"), find_code(error, "code")}:
        return AnswerLost(**details)
    if find_code(error, "code") == "rate_limit":
        return ProcessorBusy(**details)
    return refusal(**details)


def get_success(answer: Mapping[str, Any] | ErrorAnswer) -> Mapping[str, Any]:
    """Return what a call that succeeded said.

    :raises DomainError: it did not; the failure as `to_failure` names it.
    """
    if isinstance(answer, ErrorAnswer):
        raise to_failure(answer)
    return answer


def to_charge_failure(answer: ErrorAnswer, request: ChargeRequest) -> DomainError:
    """Name the error answer to a charge, which may be the card's decline.

    :raises NotUnderstood: it is about another payment.
    """
    intent = find_mapping(answer.get_error(), "payment_intent")
    if intent:
        check_payment_intent(intent, request)
        if find_code(intent, "status") not in _IDLE_INTENT:
            return AnswerLost(**_get_details(answer))
    return _find_decline(answer, find_code(intent, "id")) or to_failure(answer)


def may_be_of_state(answer: ErrorAnswer) -> bool:
    """Say whether the payment's state may be why it was not canceled or captured."""
    return answer.status == 400 and isinstance(to_failure(answer), RequestRefused)


def _find_decline(answer: ErrorAnswer, intent_id: str) -> CardDeclined | None:
    error = answer.get_error()
    reason = find_code(error, "decline_code") or find_code(error, "code")
    if answer.status != 402 or find_code(error, "type") != "card_error" or not reason:
        return None
    return CardDeclined(reason=reason, external_id=intent_id, code=find_code(error, "code"))


def _get_details(answer: ErrorAnswer) -> dict[str, Any]:
    """Return what may be shown and logged: code words only, a message can quote a token."""
    error = answer.get_error()
    words = {f"processor_{name}": find_code(error, name) for name in ("type", "code", "param")}
    said = {**words, "retry_after": answer.retry_after_seconds}
    return {"status": answer.status, **{name: word for name, word in said.items() if word}}
