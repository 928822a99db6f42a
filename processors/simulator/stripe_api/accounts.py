"""The account behind a key, and accounts connected to it."""

from processors.simulator.accounts import Account
from processors.simulator.call import Call
from processors.simulator.messages import Json
from processors.simulator.objects import dump
from processors.simulator.simulation import Simulation
from processors.simulator.stripe_api import events
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
    charges = "active" if account.charges_enabled else "inactive"
    transfers = "active" if account.transfers_enabled else "inactive"
    return {
        "id": account.account_id,
        "object": "account",
        "business_profile": {"mcc": "7230", "name": account.name, "url": None},
        "business_type": "company",
        "capabilities": {"card_payments": charges, "transfers": transfers},
        "charges_enabled": account.charges_enabled,
        "country": account.country,
        "created": account.created_ms // 1000,
        "default_currency": account.default_currency.lower(),
        "details_submitted": account.details_submitted,
        "email": account.email,
        "metadata": {},
        "payouts_enabled": account.payouts_enabled,
        "requirements": _describe_requirements(account),
        "settings": {
            "dashboard": {"display_name": account.name, "timezone": "Etc/UTC"},
            "payouts": {
                "debit_negative_balances": True,
                "schedule": {"delay_days": 2, "interval": account.payout_interval},
                "statement_descriptor": None,
            },
        },
        "type": "standard",
    }


def _describe_requirements(account: Account) -> Json:
    """What keeps the account from something, in the words of Stripe's `requirements`."""
    if account.payouts_enabled and account.charges_enabled:
        return _NO_REQUIREMENTS
    due = ["external_account"] if account.details_submitted else ["tos_acceptance.date"]
    reason = "requirements.past_due"
    return {**_NO_REQUIREMENTS, "currently_due": due, "past_due": due, "disabled_reason": reason}


def is_reachable(simulation: Simulation, caller: Account, account: Account) -> bool:
    """Whether the caller's key may act for the account."""
    if caller.account_id == account.account_id:
        return True
    return caller.account_id in simulation.find_platforms("stripe", account.account_id)


def refuse(caller: Account, account_id: str) -> StripeError:
    return StripeError(
        403,
        f"The provided key '{caller.masked_secret}' does not have access to account "
        f"'{account_id}' (or that account does not exist). "
        "Application access may have been revoked.",
        code="account_invalid",
    )


def record_update(call: Call) -> None:
    """Tell that something in the account changed."""
    rendered = render(call.account)
    events.record(call, "account.updated", rendered, dump(rendered))


def retrieve_own(call: Call) -> Json:
    return render(call.account)


def retrieve(call: Call) -> Json:
    """:raises StripeError: 403, the account is unknown or not connected to the caller."""
    account_id = call.ids["id"]
    account = call.simulation.accounts.find("stripe", account_id)
    if account is None or not is_reachable(call.simulation, call.caller, account):
        raise refuse(call.caller, account_id)
    return render(account)
