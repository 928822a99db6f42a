"""What Stripe answers when it is in trouble: https://docs.stripe.com/api/errors."""

from processors.simulator.faults.failures import Failures
from processors.simulator.stripe_api.errors import error_answer

FAILURES = Failures(
    server_error=error_answer(
        500, "An unknown error occurred. The simulator was told to fail.", error_type="api_error"
    ),
    unavailable=error_answer(
        503, "Service unavailable. The simulator was told to be down.", error_type="api_error"
    ),
    rate_limited=error_answer(
        429,
        "Request rate limit exceeded. The simulator was told to say so.",
        code="rate_limit",
    ),
    conflict=error_answer(
        409,
        "There is currently another in-progress request using this Idempotent Key. "
        "The simulator was told to say so.",
        error_type="idempotency_error",
        code="idempotency_key_in_use",
    ),
    revoked_token=error_answer(
        401, "Expired API Key provided. The simulator was told to say so.", code="api_key_expired"
    ),
)
