"""The account behind a key, and accounts connected to it."""

from processors.simulator.accounts import Account
from processors.simulator.call import Call
from processors.simulator.messages import Json
from processors.simulator.stripe_api.errors import StripeError

_NO_REQUIREMENTS: Json = {
    "alternatives": [],
    "current_deadline": None,
    "currently_due": [],
    "disabled_reason": None,
    "errors": [],
    "eventually_due": [],
    "past_due": [],
    "pending_verification": [],
}


def render(account: Account) -> Json:
    active = "active" if account.charges_enabled else "inactive"
    return {
        "id": account.account_id,
        "object": "account",
        "business_profile": {"mcc": "7230", "name": account.name, "url": None},
        "business_type": "company",
        "capabilities": {"card_payments": active, "transfers": active},
        "charges_enabled": account.charges_enabled,
        "country": account.country,
        "created": account.created_ms // 1000,
        "default_currency": account.default_currency.lower(),
        "details_submitted": True,
        "email": account.email,
        "metadata": {},
        "payouts_enabled": account.charges_enabled,
        "requirements": _NO_REQUIREMENTS,
        "settings": {
            "dashboard": {"display_name": account.name, "timezone": "Etc/UTC"},
            "payouts": {
                "debit_negative_balances": True,
                "schedule": {"delay_days": 2, "interval": "daily"},
                "statement_descriptor": None,
            },
        },
        "type": "standard",
    }


def is_reachable(caller: Account, account: Account | None) -> bool:
    """Whether the caller's key may act for the account."""
    if account is None:
        return False
    return caller.account_id in (account.account_id, account.platform)


def refuse(caller: Account, account_id: str) -> StripeError:
    return StripeError(
        403,
        f"The provided key '{caller.masked_secret}' does not have access to account "
        f"'{account_id}' (or that account does not exist). "
        "Application access may have been revoked.",
        code="account_invalid",
    )


def retrieve_own(call: Call) -> Json:
    return render(call.account)


def retrieve(call: Call) -> Json:
    """:raises StripeError: 403, the account is unknown or not connected to the caller."""
    account_id = call.ids["id"]
    account = call.simulation.accounts.find("stripe", account_id)
    if account is None or not is_reachable(call.caller, account):
        raise refuse(call.caller, account_id)
    return render(account)
