"""What Square says, as the adapter contract's tests need it."""

from datetime import UTC, datetime
from typing import Any

from processors.contract import ChargeRequest
from processors.errors import CredentialsRefused, ProcessorBusy, RequestRefused

BASE_SETTING = "SQUARE_API_BASE"
CREDENTIALS = {"access_token": "very_secret_token", "location_id": "LOC1"}
PAYMENT_TOKEN = "cnon:card-nonce-ok"
PAYMENT_ID = "pay1"


def charged(request: ChargeRequest) -> dict[str, Any]:
    return {"payment": payment(request)}


def payment(request: ChargeRequest) -> dict[str, Any]:
    return {
        "id": PAYMENT_ID,
        "status": "COMPLETED",
        "reference_id": request.reference,
        "location_id": "LOC1",
        "amount_money": _money(request, request.amount.amount_minor - request.tip.amount_minor),
        "tip_money": _money(request, request.tip.amount_minor),
        "total_money": _money(request, request.amount.amount_minor),
        "processing_fee": [{"type": "INITIAL", "amount_money": _money(request, 205)}],
        "source_type": "CARD",
        "card_details": {"card": {"last_4": "1111"}},
        "created_at": "2027-01-15T08:00:00.000Z",
        "updated_at": "2027-01-15T08:00:01.500Z",
    }


def _money(request: ChargeRequest, amount_minor: int) -> dict[str, Any]:
    return {"amount": amount_minor, "currency": request.amount.currency}


def _payment_with(request: ChargeRequest, **changes: object) -> dict[str, Any]:
    return {"payment": payment(request) | changes}


def answers_about_something_else(request: ChargeRequest) -> dict[str, Any]:
    """Well-formed successes, none of which is the answer to `request`."""
    amount = request.amount.amount_minor
    in_cad = {"amount": amount, "currency": "CAD"}
    return {
        "other reference": _payment_with(request, reference_id="leg_other"),
        "no reference": _payment_with(request, reference_id=None),
        "other amount": _payment_with(request, total_money=_money(request, amount + 1)),
        "other base": _payment_with(request, amount_money=_money(request, 1)),
        "other tip": _payment_with(request, tip_money=_money(request, 1)),
        "amount as text": _payment_with(request, total_money={"amount": "1", "currency": "USD"}),
        "other currency": _payment_with(request, total_money=in_cad),
        "other location": _payment_with(request, location_id="LOC2"),
        "unknown status": _payment_with(request, status="TELEPORTED"),
        "only approved": held(request),
        "canceled": canceled(request),
        "failed": failed(request),
        "no id": _payment_with(request, id=None),
        "no payment": {},
        "payment is a list": {"payment": [payment(request)]},
    }


def decline(request: ChargeRequest) -> tuple[int, dict[str, Any], str]:
    """Return status, body and the reason it gives."""
    body = _errors("PAYMENT_METHOD_ERROR", "INSUFFICIENT_FUNDS")
    return 402, body | _payment_with(request, status="FAILED"), "insufficient_funds"


def declines_about_something_else(request: ChargeRequest) -> dict[str, tuple[int, Any]]:
    """Declines that do not prove that no money moved."""
    body = _errors("PAYMENT_METHOD_ERROR", "CARD_DECLINED")
    return {
        "payment completed": (402, body | charged(request)),
        "other reference": (402, body | _payment_with(request, status="FAILED", reference_id="x")),
        "another status": (500, body),
        "with another error": (402, {"errors": [*body["errors"], {"category": "API_ERROR"}]}),
        "key reused too": (400, {"errors": [*body["errors"], *_errors(
            "INVALID_REQUEST_ERROR", "IDEMPOTENCY_KEY_REUSED")["errors"]]}),
    }  # fmt: skip


def _errors(category: str, code: str) -> dict[str, Any]:
    detail = "Refused: cnon:card-nonce-ok of very_secret_token"
    return {"errors": [{"category": category, "code": code, "detail": detail}]}


REFUSALS: dict[str, tuple[int, Any, type[Exception]]] = {
    "bad request": (400, _errors("INVALID_REQUEST_ERROR", "VALUE_TOO_LOW"), RequestRefused),
    "not found": (404, _errors("INVALID_REQUEST_ERROR", "NOT_FOUND"), RequestRefused),
    "used token": (400, _errors("INVALID_REQUEST_ERROR", "CARD_TOKEN_USED"), RequestRefused),
    "seller's limit": (402, _errors("PAYMENT_METHOD_ERROR", "PAYMENT_LIMIT_EXCEEDED"),
                       RequestRefused),
    "no cards here": (403, _errors("AUTHENTICATION_ERROR", "CARD_PROCESSING_NOT_ENABLED"),
                      RequestRefused),
    "bad token": (401, _errors("AUTHENTICATION_ERROR", "UNAUTHORIZED"), CredentialsRefused),
    "no scope": (403, _errors("AUTHENTICATION_ERROR", "INSUFFICIENT_SCOPES"), CredentialsRefused),
    "slow down": (429, _errors("RATE_LIMIT_ERROR", "RATE_LIMITED"), ProcessorBusy),
}  # fmt: skip

REVOKED = REFUSALS["bad token"]

UNCLEAR: dict[str, tuple[int, Any]] = {
    "key with other body": (400, _errors("INVALID_REQUEST_ERROR", "IDEMPOTENCY_KEY_REUSED")),
    "conflict": (409, _errors("INVALID_REQUEST_ERROR", "CONFLICT")),
    "their fault": (500, _errors("API_ERROR", "INTERNAL_SERVER_ERROR")),
    "their fault, as a refusal": (503, _errors("INVALID_REQUEST_ERROR", "BAD_REQUEST")),
    "unknown category": (400, _errors("API_ERROR", "BAD_REQUEST")),
    "no errors": (400, {"errors": []}),
    "errors is a text": (400, {"errors": "BAD_REQUEST"}),
    "error is a text": (400, {"errors": ["BAD_REQUEST"]}),
    "no code": (400, {"errors": [{"category": "INVALID_REQUEST_ERROR"}]}),
    "proxy's 401": (401, {"message": "Unauthorized"}),
}


AUTHORIZED_UNTIL = datetime(2027, 1, 16, 8, tzinfo=UTC)
FAILURE = ("insufficient_funds", "Authorization error: 'INSUFFICIENT_FUNDS'")


def held(request: ChargeRequest) -> dict[str, Any]:
    """An authorization that waits for its capture."""
    return _payment_with(
        request,
        status="APPROVED",
        processing_fee=None,
        delayed_until="2027-01-16T08:00:00.000Z",
    )


def canceled(request: ChargeRequest) -> dict[str, Any]:
    return _payment_with(request, status="CANCELED", processing_fee=None)


def pending(request: ChargeRequest) -> dict[str, Any]:
    return _payment_with(request, status="PENDING", processing_fee=None)


def failed(request: ChargeRequest) -> dict[str, Any]:
    error = {"category": "PAYMENT_METHOD_ERROR", "code": "INSUFFICIENT_FUNDS", "detail": FAILURE[1]}
    details = {"status": "FAILED", "errors": [error]}
    return _payment_with(request, status="FAILED", processing_fee=None, card_details=details)


def renamed(answer: dict[str, Any], payment_id: str) -> dict[str, Any]:
    """The same, said of another payment of the processor's."""
    return {"payment": answer["payment"] | {"id": payment_id}}


def not_in_this_state(request: ChargeRequest) -> tuple[int, dict[str, Any]]:
    """The refusal to cancel or capture what is not in a state for it."""
    return 400, _errors("INVALID_REQUEST_ERROR", "BAD_REQUEST")


def listed(answers: list[dict[str, Any]], *, has_more: bool = False) -> dict[str, Any]:
    """One page of a list of these answers."""
    page: dict[str, Any] = {"payments": [answer["payment"] for answer in answers]}
    return page | ({"cursor": page["payments"][-1]["id"]} if has_more else {})


def malformed_lists(request: ChargeRequest) -> dict[str, Any]:
    return {
        "payments is an object": {"payments": {}},
        "item is a text": {"payments": ["pay1"]},
        "cursor is a number": {"payments": [], "cursor": 5},
        "always the same page": {"payments": [], "cursor": "again"},
    }
