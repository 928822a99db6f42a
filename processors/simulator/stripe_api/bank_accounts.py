"""Stripe's test bank accounts: by token, by number, and what becomes of a debit of each.

Source: https://docs.stripe.com/payments/ach-direct-debit/accept-a-payment#test-account-numbers
"""

from dataclasses import dataclass

from processors.simulator.messages import Json
from processors.simulator.stripe_api.cards import Decline

TYPE = "us_bank_account"
CURRENCY = "usd"
_ROUTING_NUMBER = "110000000"


@dataclass(frozen=True, slots=True)
class TestBank:
    """`failure`: why the debit fails at last; `return_reason`: why it comes back once it was paid.

    `never_ends`: the debit stays under way until a door says otherwise.
    """

    number: str
    failure: Decline | None = None
    return_reason: str = ""
    never_ends: bool = False

    @property
    def last4(self) -> str:
        return self.number[-4:]


def _failing(code: str, message: str) -> Decline:
    return Decline(code, code, message)


INSUFFICIENT_FUNDS = _failing(
    "insufficient_funds", "The customer's account has insufficient funds to cover this payment."
)

TEST_BANKS = {
    "pm_usBankAccount_success": TestBank("000123456789"),
    "pm_usBankAccount_accountClosed": TestBank(
        "000111111113",
        failure=_failing("account_closed", "The customer's bank account has been closed."),
    ),
    "pm_usBankAccount_noAccount": TestBank(
        "000111111116",
        failure=_failing("no_account", "The customer's bank account could not be located."),
    ),
    "pm_usBankAccount_insufficientFunds": TestBank("000222222227", failure=INSUFFICIENT_FUNDS),
    "pm_usBankAccount_debitNotAuthorized": TestBank(
        "000333333335",
        failure=_failing(
            "debit_not_authorized", "The customer has notified their bank that this was not agreed."
        ),
    ),
    "pm_usBankAccount_dispute": TestBank("000555555559", return_reason="insufficient_funds"),
    "pm_usBankAccount_processing": TestBank("000000000009", never_ends=True),
}

_BY_NUMBER = {bank.number: token for token, bank in TEST_BANKS.items()}

FAILURES = {bank.failure.code: bank.failure for bank in TEST_BANKS.values() if bank.failure}


def find_by_number(number: str) -> str | None:
    """The test token that behaves like this account number."""
    return _BY_NUMBER.get(number)


def describe_bank(bank: TestBank, given: Json) -> Json:
    """The `us_bank_account` of a payment method."""
    return {
        "account_holder_type": given.get("account_holder_type") or "individual",
        "account_type": given.get("account_type") or "checking",
        "bank_name": "STRIPE TEST BANK",
        "financial_connections_account": None,
        "fingerprint": f"simbank{bank.last4}",
        "last4": bank.last4,
        "networks": {"preferred": "ach", "supported": ["ach"]},
        "routing_number": given.get("routing_number") or _ROUTING_NUMBER,
        "status_details": None,
    }


def describe_debited_bank(method: Json) -> Json:
    """The `payment_method_details` of a charge of this payment method."""
    names = ("account_holder_type", "account_type", "bank_name", "fingerprint", "last4")
    said = {name: method[TYPE][name] for name in (*names, "routing_number")}
    more = {"expected_debit_date": None, "mandate": method["_mandate"], "payment_reference": None}
    return {"type": TYPE, TYPE: {**said, **more}}
