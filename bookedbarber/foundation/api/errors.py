"""One exception handler: families of failure → status codes and the error body of the API."""

from collections.abc import Mapping
from datetime import UTC, datetime
from logging import getLogger
from typing import Any

import psycopg2
from django.conf import settings
from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.db import (
    DatabaseError,
    DataError,
    IntegrityError,
    InterfaceError,
    InternalError,
    OperationalError,
)
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.views import defaults
from rest_framework import exceptions, status
from rest_framework.response import Response
from rest_framework.views import set_rollback

from ..errors import (
    Conflict,
    Declined,
    DomainError,
    Invalid,
    Missing,
    NotAllowed,
    OutcomeUnknown,
    Refused,
    Unavailable,
    Unprocessable,
)
from ..request_ids import get_request_id

log = getLogger("bookedbarber.api")

RETRY_AFTER_SECONDS = 5

STATUS_BY_FAMILY: dict[type[DomainError], int] = {
    Invalid: 400,
    Declined: 402,
    NotAllowed: 403,
    Missing: 404,
    Conflict: 409,
    Unprocessable: 422,
    Refused: 424,
    OutcomeUnknown: 202,
    Unavailable: 503,
}

# Where the status says more than the family: it is a processor that is unavailable, not we; the
# caller has to log in again, or to wait.
STATUS_BY_CODE = {
    "EXTERNAL_PROCESSOR_UNAVAILABLE": 424,
    "INVALID_TOKEN": 401,
    "API_KEY_EXPIRED": 401,
    "RATE_LIMIT_EXCEEDED": 429,
}

CODE_BY_STATUS = {
    400: "VALIDATION_ERROR",
    401: "INVALID_TOKEN",
    403: "INSUFFICIENT_PERMISSIONS",
    404: "NOT_FOUND",
    405: "VALIDATION_ERROR",
    406: "VALIDATION_ERROR",
    415: "VALIDATION_ERROR",
    429: "RATE_LIMIT_EXCEEDED",
    500: "INTERNAL_ERROR",
    503: "SERVICE_UNAVAILABLE",
}


def render_error(error: DomainError) -> tuple[int, dict[str, Any]]:
    """Status and body for an anticipated failure."""
    return get_status(error), build_body(error.code, error.message, dict(error.details))


def get_status(error: DomainError) -> int:
    """The status that the code demands, else the family's."""
    if error.code in STATUS_BY_CODE:
        return STATUS_BY_CODE[error.code]
    return next(code for family, code in STATUS_BY_FAMILY.items() if isinstance(error, family))


def build_body(code: str, message: str, details: Any = None) -> dict[str, Any]:
    return {
        "error": {
            "code": code,
            "message": message,
            "details": details or {},
            "timestamp": datetime.now(UTC).isoformat().replace("+00:00", "Z"),
            "request_id": get_request_id(),
        }
    }


def handle_exception(error: Exception, context: dict[str, Any]) -> Response | None:
    """What REST framework calls; None lets a bug reach the error log as a 500."""
    set_rollback()
    if isinstance(error, DomainError):
        code, body = render_error(error)
        return Response(body, status=code, headers=_get_headers(code, error.details))
    if isinstance(error, exceptions.APIException):
        return _respond_to_framework(error)
    return _respond_to_django(error)


def not_found_anywhere(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Unknown addresses: JSON below /api/, a page elsewhere."""
    if not _is_api(request):
        return defaults.page_not_found(request, exception)
    return JsonResponse(build_body("NOT_FOUND", "There is nothing at this address"), status=404)


def bad_request_anywhere(request: HttpRequest, exception: Exception) -> HttpResponse:
    """What Django refuses before any view: a host that is not ours, a forged cookie."""
    if not _is_api(request):
        return defaults.bad_request(request, exception)
    body = build_body("VALIDATION_ERROR", "The request is not one that this address takes")
    return JsonResponse(body, status=400)


def broken_anywhere(request: HttpRequest) -> HttpResponse:
    """Bugs: the log has them, the caller gets an id to ask about."""
    if not _is_api(request):
        return defaults.server_error(request)
    body = build_body("INTERNAL_ERROR", "Something went wrong on our side; it has been logged")
    return JsonResponse(body, status=500)


def _is_api(request: HttpRequest) -> bool:
    return request.path.startswith("/api/")


def _respond_to_framework(error: exceptions.APIException) -> Response:
    code = CODE_BY_STATUS.get(error.status_code, "VALIDATION_ERROR")
    headers = _get_headers(error.status_code, {"retry_after": getattr(error, "wait", None)})
    if isinstance(error, exceptions.ValidationError):
        message, details = _describe_validation(error)
    else:
        message, details = _describe(error), {}
    return Response(build_body(code, message, details), status=error.status_code, headers=headers)


def _describe(error: exceptions.APIException) -> str:
    detail = error.detail
    return str(detail.get("detail", detail)) if isinstance(detail, dict) else str(detail)


def _describe_validation(error: exceptions.ValidationError) -> tuple[str, Any]:
    """The first fault as a sentence that names its field, and all of them."""
    details = error.detail if isinstance(error.detail, dict) else {"non_field_errors": error.detail}
    field, fault = next(iter(details.items()))
    while isinstance(fault, list | dict) and fault:
        fault = fault[0] if isinstance(fault, list) else next(iter(fault.values()))
    name = "" if field == "non_field_errors" else f"{field}: "
    return f"{name}{fault}", details


def _respond_to_django(error: Exception) -> Response | None:
    if isinstance(error, DatabaseError | InterfaceError):
        return _respond_to_database(error)
    if isinstance(error, Http404):
        return Response(build_body("NOT_FOUND", "There is no such thing"), status=404)
    if isinstance(error, PermissionDenied):
        body = build_body("INSUFFICIENT_PERMISSIONS", "You may not do this")
        return Response(body, status=403)
    if isinstance(error, RequestDataTooBig):
        limit = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        body = build_body("VALIDATION_ERROR", f"The request body is larger than {limit} bytes")
        return Response(body, status=400)
    return None


def _respond_to_database(error: Exception) -> Response | None:
    """What no check before it caught; the log has the constraint or the reason."""
    if isinstance(error, IntegrityError | InternalError):
        log.error("The database refused a change", exc_info=error)
        return Response(build_body("CONFLICT", "This contradicts what is stored"), status=409)
    if isinstance(error, DataError):
        log.error("The database cannot hold a value", exc_info=error)
        body = build_body("VALIDATION_ERROR", "A value is too large or cannot be stored")
        return Response(body, status=400)
    if isinstance(error, OperationalError | InterfaceError | TimeoutError) or _was_cut(error):
        log.error("The database did not answer: %s", error)
        body = build_body("SERVICE_UNAVAILABLE", "The database is not available; try again")
        return Response(body, status=503, headers=_get_headers(503, {}))
    return None


def _was_cut(error: Exception) -> bool:
    """The server went away in the middle of an answer: psycopg2 then names no kind of error."""
    return type(error) is DatabaseError and isinstance(error.__cause__, psycopg2.DatabaseError)


def _get_headers(code: int, details: Mapping[str, Any]) -> dict[str, str]:
    if code == status.HTTP_401_UNAUTHORIZED:
        return {"WWW-Authenticate": "Bearer"}
    if code in {status.HTTP_429_TOO_MANY_REQUESTS, status.HTTP_503_SERVICE_UNAVAILABLE}:
        return {"Retry-After": str(details.get("retry_after") or RETRY_AFTER_SECONDS)}
    return {}
