"""What Square answers when it is in trouble; codes and categories from its specification."""

from processors.simulator.faults.failures import Failures
from processors.simulator.messages import Answer, json_answer
from processors.simulator.square_api.errors import INVALID_REQUEST, describe_error


def _failure(status: int, code: str, category: str, detail: str) -> Answer:
    error = describe_error(code, f"{detail} The simulator was told to say so.", category=category)
    return json_answer(status, {"errors": [error]})


FAILURES = Failures(
    server_error=_failure(500, "INTERNAL_SERVER_ERROR", "API_ERROR", "Internal error."),
    unavailable=_failure(503, "SERVICE_UNAVAILABLE", "API_ERROR", "Service unavailable."),
    rate_limited=_failure(429, "RATE_LIMITED", "RATE_LIMIT_ERROR", "Too many requests."),
    conflict=_failure(409, "CONFLICT", INVALID_REQUEST, "Another request is at work on this."),
    revoked_token=_failure(
        401, "ACCESS_TOKEN_REVOKED", "AUTHENTICATION_ERROR", "The access token has been revoked."
    ),
)
