"""Refusals in Stripe's shape: https://docs.stripe.com/api/errors."""

from typing import Any

from processors.simulator.messages import Answer, Json, VendorError, json_answer

_DOCUMENTATION = "https://stripe.com/docs/error-codes/"


def error_answer(
    status: int,
    message: str,
    *,
    error_type: str = "invalid_request_error",
    code: str | None = None,
    param: str | None = None,
    **more: Any,
) -> Answer:
    error: Json = {"type": error_type, "message": message}
    if code:
        error |= {"code": code, "doc_url": _DOCUMENTATION + code.replace("_", "-")}
    if param:
        error["param"] = param
    return json_answer(status, {"error": {**error, **more}})


class StripeError(VendorError):
    """A request Stripe refuses; nothing it did is kept."""

    def __init__(self, status: int, message: str, *, executed: bool = False, **fields: Any) -> None:
        super().__init__(error_answer(status, message, **fields), executed=executed)


def invalid(message: str, *, code: str | None = None, param: str | None = None) -> StripeError:
    return StripeError(400, message, code=code, param=param)


def missing(noun: str, object_id: str, *, param: str = "id", status: int = 404) -> StripeError:
    """No such object on this account. A missing object in a parameter is a 400 at Stripe."""
    message = f"No such {noun}: '{object_id}'"
    return StripeError(status, message, code="resource_missing", param=param)


def unexpected_state(message: str, **fields: Any) -> StripeError:
    """The object is not in a state for this; Stripe had looked at it, so a key remembers it."""
    return StripeError(400, message, executed=True, **fields)
