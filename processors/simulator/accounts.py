"""The accounts whose keys are accepted."""

import hashlib
import json
from collections.abc import Sequence
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from processors.simulator.money.currencies import CURRENCIES
from processors.simulator.store import Store

Processor = Literal["stripe", "square"]
Name = Annotated[str, Field(min_length=1, max_length=200)]

_DAY_MS = 24 * 60 * 60 * 1000
# How long a vendor keeps a sale's money: https://docs.stripe.com/payouts, and Square's next day.
_FUNDS_DELAY_MS = {"stripe": 2 * _DAY_MS, "square": _DAY_MS}
_FEES = {"stripe": (Decimal("2.9"), 30), "square": (Decimal("2.6"), 10)}


class _Settings(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Location(_Settings):
    """A Square location: it takes one currency."""

    id: Name
    name: Name
    currency: str


class Webhook(_Settings):
    """An endpoint known from the start, with a secret both sides know."""

    url: Name
    secret: Name
    events: list[str] = ["*"]


class Account(_Settings):
    """An account at a processor, as `PUT /_simulator/accounts/{processor}/{account_id}` gives it.

    `currencies`: what it settles in; Stripe converts others into `default_currency`, Square
    refuses them. `platform`: the account whose key may act for this one (Stripe-Account).
    `fee_delay_seconds`, `refund_delay_seconds`: how long, on the simulator's clock, the fee stays
    unknown and a refund pending. `minimum_minor`: the smallest charge, instead of the vendor's.
    `funds_delay_seconds`: when a sale's money becomes available, instead of the vendor's days.
    `debit_delay_seconds`: how long a bank debit is under way; `return_delay_seconds`: how long
    after it was paid one that the bank returns comes back.
    `payouts_enabled`: as `charges_enabled` unless given. `transfers_enabled`: whether a platform
    may transfer to this account. `payout_interval`: daily pays out what is available at midnight.
    """

    processor: Processor
    account_id: Name
    secret: Name
    name: Name
    country: Annotated[str, Field(pattern="^[A-Z]{2}$")] = "US"
    currencies: Annotated[list[str], Field(min_length=1)] = ["USD"]
    default_currency: str = ""
    email: str | None = None
    platform: str | None = None
    webhook: Webhook | None = None
    fee_percent: Annotated[Decimal, Field(ge=0, le=100)]
    fee_fixed_minor: Annotated[int, Field(ge=0)]
    fee_delay_seconds: Annotated[float, Field(ge=0)] = 0
    refund_delay_seconds: Annotated[float, Field(ge=0)] = 0
    debit_delay_seconds: Annotated[float, Field(ge=0)] = 3 * 86_400
    return_delay_seconds: Annotated[float, Field(ge=0)] = 7 * 86_400
    charges_enabled: bool = True
    payouts_enabled: bool = True
    details_submitted: bool = True
    transfers_enabled: bool = True
    funds_delay_seconds: Annotated[float, Field(ge=0)] | None = None
    payout_interval: Literal["manual", "daily"] = "manual"
    minimum_minor: Annotated[int, Field(ge=1)] | None = None
    locations: list[Location] = []
    created_ms: int

    @field_validator("currencies")
    @classmethod
    def _currencies_are_known(cls, currencies: list[str]) -> list[str]:
        return [_known_currency(currency) for currency in currencies]

    @model_validator(mode="before")
    @classmethod
    def _fill_in(cls, given: Any) -> Any:
        percent, fixed_minor = _FEES.get(given.get("processor"), _FEES["stripe"])
        filled = {"fee_percent": percent, "fee_fixed_minor": fixed_minor, **given}
        filled.setdefault("payouts_enabled", filled.get("charges_enabled", True))
        currencies = filled.get("currencies") or ["USD"]
        if not filled.get("default_currency") and isinstance(currencies, list):
            filled["default_currency"] = currencies[0]
        filled["default_currency"] = str(filled["default_currency"]).upper()
        return filled

    @model_validator(mode="after")
    def _default_is_settled(self) -> "Account":
        if self.default_currency not in self.currencies:
            raise ValueError(f"default_currency {self.default_currency} is not in currencies")
        for location in self.locations:
            _known_currency(location.currency)
        return self

    def get_locations(self) -> Sequence[Location]:
        """The given locations, else one for each currency with an id that never changes."""
        if self.locations:
            return self.locations
        ordered = sorted(self.currencies, key=lambda code: code != self.default_currency)
        return [
            Location(id=_location_id(self.account_id, code), name=self.name, currency=code)
            for code in ordered
        ]

    def get_available_ms(self, moment_ms: int) -> int:
        """When the money of a sale at this moment becomes available."""
        if self.funds_delay_seconds is not None:
            return moment_ms + round(self.funds_delay_seconds * 1000)
        return moment_ms + _FUNDS_DELAY_MS[self.processor]

    @property
    def masked_secret(self) -> str:
        return mask(self.secret)


def mask(secret: str) -> str:
    """The first and last characters of a secret, enough to recognize it."""
    return f"{secret[:8]}…{secret[-4:]}" if len(secret) > 14 else f"{secret[:3]}…"


def _known_currency(code: str) -> str:
    if code.upper() not in CURRENCIES:
        raise ValueError(f"{code} is not one of {', '.join(CURRENCIES)}")
    return code.upper()


def _location_id(account_id: str, currency: str) -> str:
    digest = hashlib.sha256(f"{account_id}/{currency}".encode()).hexdigest()
    return f"L{digest[:12].upper()}"


class SecretTaken(Exception):
    """Another account of this processor has the same key."""


class Accounts:
    """All accounts, kept in memory because every request needs one."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._by_secret: dict[tuple[str, str], Account] = {}
        self._by_id: dict[tuple[str, str], Account] = {}
        self.reload()

    def reload(self) -> None:
        rows = self._store.rows("SELECT body FROM accounts ORDER BY processor, account_id")
        accounts = [Account.model_validate(json.loads(row["body"])) for row in rows]
        self._by_secret = {(each.processor, each.secret): each for each in accounts}
        self._by_id = {(each.processor, each.account_id): each for each in accounts}

    def put(self, account: Account) -> None:
        """Create or replace the account.

        :raises SecretTaken: its key belongs to another account.
        """
        holder = self._by_secret.get((account.processor, account.secret))
        if holder and holder.account_id != account.account_id:
            raise SecretTaken(f"The key is already that of account {holder.account_id}.")
        self._store.execute(
            "REPLACE INTO accounts VALUES (?, ?, ?, ?)",
            (account.processor, account.account_id, account.secret, account.model_dump_json()),
        )
        self.reload()

    def find_by_secret(self, processor: str, secret: str) -> Account | None:
        return self._by_secret.get((processor, secret))

    def find(self, processor: str, account_id: str) -> Account | None:
        return self._by_id.get((processor, account_id))

    def list_all(self) -> list[Account]:
        return list(self._by_id.values())
