"""Taking the same payment through either vendor's SDK, and what the SDK made of the answer."""

import secrets
from dataclasses import dataclass, field, replace
from json import JSONDecodeError
from typing import Any

import httpx
import stripe
from square.core.api_error import ApiError

from tests.processors.simulator.conftest import CARD_SALE, Account, Sandbox, square_sale

LOST, GARBLED = "lost", "garbled"
_DECLINED = {"stripe": "pm_card_chargeDeclined", "square": "cnon:card-nonce-declined"}


@dataclass(frozen=True)
class Outcome:
    """`seen`: "paid", the HTTP status of a refusal, "lost" or "garbled"."""

    seen: str | int
    payment_id: str = ""
    amount_minor: int = 0
    currency: str = ""
    reference: str = ""
    code: str = ""
    headers: Any = None


@dataclass
class Payer:
    """A client of one account with one key, so that paying again is the same request again."""

    sandbox: Sandbox
    processor: str
    account: Account
    timeout: float = 60
    key: str = field(default_factory=lambda: secrets.token_hex(8))

    def __post_init__(self) -> None:
        make = getattr(self.sandbox, f"{self.processor}_client")
        self.client = make(self.account.secret, timeout=self.timeout)

    def hurried(self) -> "Payer":
        """The same request from a client that gives up soon."""
        return replace(self, timeout=0.5)

    def pay(self, *, key: str = "", declined: bool = False) -> Outcome:
        pay = _pay_stripe if self.processor == "stripe" else _pay_square
        return pay(self.client, key or self.key, _DECLINED[self.processor] if declined else "")

    def pay_anew(self) -> Outcome:
        return self.pay(key=secrets.token_hex(8))

    def list_ids(self) -> list[str]:
        if self.processor == "stripe":
            return [each.id for each in self.client.v1.payment_intents.list().data]
        return [each.id for each in self.client.payments.list()]

    def charges(self) -> list[dict[str, Any]]:
        """What the money journal says."""
        return [each for each in self.sandbox.movements(self.account) if each["kind"] == "charge"]


def make_payer(sandbox: Sandbox, processor: str) -> Payer:
    return Payer(sandbox, processor, sandbox.put_account(processor))


def _pay_stripe(client: Any, key: str, method: str) -> Outcome:
    sale = {**CARD_SALE, "metadata": {"reference": "leg_1"}}
    if method:
        sale["payment_method"] = method
    try:
        intent = client.v1.payment_intents.create(sale, {"idempotency_key": key})
    except stripe.APIConnectionError:
        return Outcome(LOST)
    except UnicodeDecodeError:  # the SDK logs the body before it reads it
        return Outcome(GARBLED)
    except stripe.StripeError as error:
        if error.json_body is None:
            return Outcome(GARBLED)
        body: Any = error.json_body
        code = body["error"].get("code", "")
        return Outcome(error.http_status or 0, code=code, headers=error.headers)
    reference = intent.metadata["reference"]
    return Outcome("paid", intent.id, intent.amount, intent.currency.upper(), reference)


def _pay_square(client: Any, key: str, source: str) -> Outcome:
    sale = square_sale(idempotency_key=key, reference_id="leg_1")
    if source:
        sale["source_id"] = source
    try:
        options = {"max_retries": 0}
        payment = client.payments.create(**sale, request_options=options).payment
    except httpx.TransportError:
        return Outcome(LOST)
    except (JSONDecodeError, UnicodeDecodeError):
        return Outcome(GARBLED)
    except ApiError as error:
        if not isinstance(error.body, dict):
            return Outcome(GARBLED)
        code = error.body["errors"][0]["code"]
        return Outcome(error.status_code or 0, code=code, headers=error.headers)
    money = payment.amount_money
    return Outcome("paid", payment.id, money.amount, money.currency, payment.reference_id)
