"""OAuth in the processors' own words, after their references.

https://docs.stripe.com/connect/oauth-reference
https://developer.squareup.com/reference/square/o-auth-api
"""

from dataclasses import dataclass
from typing import Any

from processors.errors import (
    AnswerLost,
    ApplicationRefused,
    CredentialsRefused,
    ProcessorBusy,
    RequestRefused,
)

CREDENTIALS = {"refresh_token": "refresh_secret_1"}


@dataclass(frozen=True)
class Words:
    """One processor's OAuth."""

    base_settings: tuple[str, ...]
    token_path: str
    granted: dict[str, Any]
    granted_credentials: dict[str, str]
    revoke_path: str
    revoked: dict[str, Any]
    gone: tuple[int, dict[str, Any]]


STRIPE = Words(
    base_settings=("STRIPE_API_BASE", "STRIPE_CONNECT_BASE"),
    token_path="/oauth/token",
    granted={
        "access_token": "sk_test_of_the_account",
        "livemode": False,
        "refresh_token": "rt_of_the_account",
        "token_type": "bearer",
        "stripe_publishable_key": "pk_test_of_the_account",
        "stripe_user_id": "acct_of_the_owner",
        "scope": "read_write",
    },
    granted_credentials={
        "secret_key": "sk_test_of_the_account",
        "refresh_token": "rt_of_the_account",
    },
    revoke_path="/oauth/deauthorize",
    revoked={"stripe_user_id": "acct_of_the_owner"},
    gone=(
        401,
        {
            "error": "invalid_client",
            "error_description": "This application is not connected to stripe account "
            "acct_of_the_owner, or that account does not exist.",
        },
    ),
)
SQUARE = Words(
    base_settings=("SQUARE_API_BASE",),
    token_path="/oauth2/token",
    granted={
        "access_token": "EAAA-of-the-account",
        "token_type": "bearer",
        "expires_at": "2027-02-14T08:00:00Z",
        "merchant_id": "acct_of_the_owner",
        "refresh_token": "EQAA-of-the-account",
        "short_lived": False,
    },
    granted_credentials={
        "access_token": "EAAA-of-the-account",
        "refresh_token": "EQAA-of-the-account",
    },
    revoke_path="/oauth2/revoke",
    revoked={"success": True},
    gone=(
        404,
        {"errors": [{"category": "INVALID_REQUEST_ERROR", "code": "NOT_FOUND", "detail": "gone"}]},
    ),
)
WORDS = {"square": SQUARE, "stripe": STRIPE}


def square_error(category: str, code: str) -> dict[str, Any]:
    return {"errors": [{"category": category, "code": code, "detail": "EAAA-quoted-token"}]}


# Status and body of an answer, and what it says.
REFUSALS = [
    ("stripe", 400, {"error": "invalid_grant", "error_description": "rt_x"}, RequestRefused),
    ("stripe", 400, {"error": "invalid_request"}, RequestRefused),
    ("stripe", 401, {"error": "invalid_client"}, ApplicationRefused),
    (
        "stripe",
        401,
        {"error": {"type": "invalid_request_error", "message": "Invalid API Key"}},
        CredentialsRefused,
    ),
    ("stripe", 429, {"error": {"type": "api_error", "code": "rate_limit"}}, ProcessorBusy),
    ("stripe", 500, {"error": "invalid_grant"}, AnswerLost),
    ("stripe", 400, {"error": "something_new"}, AnswerLost),
    ("stripe", 400, ["no object"], AnswerLost),
    ("square", 400, square_error("INVALID_REQUEST_ERROR", "BAD_REQUEST"), RequestRefused),
    ("square", 401, square_error("AUTHENTICATION_ERROR", "UNAUTHORIZED"), CredentialsRefused),
    ("square", 400, {"type": "bad_request", "message": "code expired"}, RequestRefused),
    (
        "square",
        401,
        {"type": "service.not_authorized", "message": "Not Authorized"},
        CredentialsRefused,
    ),
    ("square", 429, square_error("RATE_LIMIT_ERROR", "RATE_LIMITED"), ProcessorBusy),
    ("square", 500, {"type": "internal_server_error", "message": ""}, AnswerLost),
    ("square", 400, {"message": "no type"}, AnswerLost),
]
