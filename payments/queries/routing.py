"""Which terms and accounts a barber has now, and where a payment would go. Writes nothing.

The facts of a barber come from one statement and are cached under his `routing_version`: as JSON
in Redis for every process, and as they are used in each process.
"""

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.db import connection

from bookedbarber.accounts.models import Barber
from bookedbarber.foundation.money import Money
from processors.models import PLATFORM_OWNER_ID

from ..rules.commission import CommissionTerms, calculate_base, calculate_commission
from ..rules.fees import FeeTerms, estimate_processing_fee
from ..rules.limits import Limits
from ..rules.routing import Account, Route, RoutingFacts, Terms, decide_route, find_fallback
from ..states import ClientPreference, Mode

# Barbers whose facts a process keeps; some 2 kB each.
MOST_KEPT = 10_000

# The config in force, when the next one begins, and all accounts in question, as one JSON.
_FACTS = """
SELECT
  (SELECT to_jsonb(c) FROM payments_hybridpaymentconfig c
    WHERE c.barber_id = %(barber)s AND c.effective_at <= %(now)s
    ORDER BY c.effective_at DESC LIMIT 1),
  (SELECT min(c.effective_at) FROM payments_hybridpaymentconfig c
    WHERE c.barber_id = %(barber)s AND c.effective_at > %(now)s),
  (SELECT coalesce(jsonb_agg(jsonb_build_object(
      'connection_id', a.id, 'processor', a.processor, 'name', a.name, 'owner_id', a.owner_id,
      'state', a.state, 'disabled_at', a.disabled_at, 'abilities', a.abilities,
      'currencies', a.currencies, 'fee_percent', a.fee_percent::text,
      'fee_fixed_minor', a.fee_fixed_minor, 'connected_at', a.connected_at) ORDER BY a.id), '[]')
    FROM processors_connection a
    WHERE a.owner_id IN (%(platform)s, %(barber)s) AND a.environment = %(environment)s
      AND a.state NOT IN ('pending', 'removed') AND a.role <> 'payout_destination')
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class BarberFacts:
    """What routing needs to know of a barber. `is_configured` is False for the defaults."""

    terms: Terms
    accounts: tuple[Account, ...]
    is_configured: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kept:
    """What this process has made of a cached entry. `expires_at` is of the monotonic clock."""

    source: Mapping[str, Any]
    facts: BarberFacts
    expires_at: float


_kept: dict[int, _Kept] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Fees:
    """Expected costs of one sale on one account."""

    processing_fee: Money
    commission: Money
    net_amount: Money

    @property
    def total(self) -> Money:
        return self.processing_fee + self.commission


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """A route with what it would cost."""

    route: Route
    terms: Terms
    fees: Fees
    fallback: Account | None

    @property
    def fallback_available(self) -> bool:
        return self.fallback is not None

    @property
    def fallback_connection_id(self) -> int | None:
        """The platform's, where it would take over from the chosen account."""
        if self.fallback is None or self.route.account.is_platform:
            return None
        return self.fallback.connection_id


def get_limits() -> Limits:
    """The limits of a sale from the settings."""
    return Limits(
        currencies=tuple(settings.CURRENCIES),
        minimum=settings.PAYMENT_MINIMUM,
        maximum=settings.PAYMENT_MAXIMUM,
        maximum_by_currency=settings.PAYMENT_MAXIMUM_BY_CURRENCY,
    )


def get_barber_facts(barber: Barber, *, now: datetime) -> BarberFacts:
    """Terms and accounts of a barber: as kept or cached if nothing changed since, else read."""
    kept = _kept.get(barber.pk)
    if kept and time.monotonic() < kept.expires_at and _is_valid(kept.source, barber, now):
        return kept.facts
    return _keep(barber, _load_facts(barber, now)).facts


def forget_kept_facts() -> None:
    """Let this process ask the cache again; others are not concerned."""
    _kept.clear()


def quote_route(
    barber: Barber,
    *,
    amount: Money,
    now: datetime,
    tip: Money | None = None,
    preference: ClientPreference | None = None,
    tokens_for: frozenset[int] | None = None,
    known: BarberFacts | None = None,
) -> Quote:
    """Where a payment would go now, and what it would cost. `known`: facts just read.

    :raises PaymentRoutingFailed: no account can take it; says why.
    """
    known = known or get_barber_facts(barber, now=now)
    facts = RoutingFacts(
        terms=known.terms,
        accounts=known.accounts,
        amount=amount,
        tip=tip,
        preference=preference,
        tokens_for=tokens_for,
        payee=f"barber {barber.pk}",
    )
    route = decide_route(facts)
    return Quote(
        route=route,
        terms=known.terms,
        fees=_estimate_route_fees(route, facts),
        fallback=find_fallback(facts),
    )


def _estimate_route_fees(route: Route, facts: RoutingFacts) -> Fees:
    """What the route would cost the barber: of a split sale the commission leg's fee is ours."""
    tip = facts.tip or Money.zero(facts.amount.currency)
    fees = estimate_fees(route.account, facts.terms, amount=facts.amount, tip=tip)
    if route.commission_leg is None:
        return fees
    remainder = facts.amount - route.commission_leg.amount
    processing_fee = estimate_processing_fee(remainder, route.account.fees)
    return Fees(
        processing_fee=processing_fee,
        commission=fees.commission,
        net_amount=remainder - processing_fee,
    )


def estimate_fees(account: Account, terms: Terms, *, amount: Money, tip: Money) -> Fees:
    """What a sale would cost on an account under these terms."""
    processing_fee = estimate_processing_fee(amount, account.fees)
    base = calculate_base(amount, tip, terms.commission)
    commission = calculate_commission(base, terms.commission.rate)
    return Fees(
        processing_fee=processing_fee,
        commission=commission,
        net_amount=amount - processing_fee - commission,
    )


def _keep(barber: Barber, source: Mapping[str, Any]) -> _Kept:
    if len(_kept) >= MOST_KEPT:
        _kept.clear()
    # As in the cache, so that nothing lives longer here than it would there.
    expires_at = time.monotonic() + settings.ROUTING_CACHE_SECONDS
    kept = _Kept(source=source, facts=_to_facts(source), expires_at=expires_at)
    _kept[barber.pk] = kept
    return kept


def _load_facts(barber: Barber, now: datetime) -> Mapping[str, Any]:
    key = f"payment_config:{barber.pk}"
    cached: Any = cache.get(key)
    if _is_valid(cached, barber, now):
        return dict(cached)
    fresh = _read_facts(barber, now)
    cache.set(key, fresh, timeout=settings.ROUTING_CACHE_SECONDS)
    return fresh


def _is_valid(cached: Any, barber: Barber, now: datetime) -> bool:
    if not isinstance(cached, dict) or cached.get("version") != barber.routing_version:
        return False
    next_change_at = cached["next_change_at"]
    return next_change_at is None or now < datetime.fromisoformat(next_change_at)


def _read_facts(barber: Barber, now: datetime) -> dict[str, Any]:
    with connection.cursor() as cursor:
        cursor.execute(
            _FACTS,
            {
                "barber": barber.pk,
                "platform": PLATFORM_OWNER_ID,
                "environment": settings.ENVIRONMENT,
                "now": now,
            },
        )
        config, next_change_at, accounts = cursor.fetchone()
    return {
        "version": barber.routing_version,
        "next_change_at": next_change_at and next_change_at.isoformat(),
        "config": _from_json(config),
        "accounts": _from_json(accounts),
    }


def _from_json(value: Any) -> Any:
    return json.loads(value, parse_float=Decimal) if isinstance(value, str) else value


def _to_facts(known: Mapping[str, Any]) -> BarberFacts:
    config = known["config"]
    return BarberFacts(
        terms=_to_terms(config) if config else _get_default_terms(),
        accounts=tuple(_to_account(account) for account in known["accounts"]),
        is_configured=config is not None,
    )


def _get_default_terms() -> Terms:
    """A barber without a config is paid through the platform."""
    return Terms(
        mode=Mode.CENTRALIZED,
        commission=CommissionTerms(rate=settings.DEFAULT_COMMISSION_RATE),
        currency=settings.DEFAULT_CURRENCY,
    )


def _to_terms(config: Mapping[str, Any]) -> Terms:
    return Terms(
        mode=Mode(config["mode"]),
        commission=CommissionTerms(
            rate=Decimal(str(config["commission_rate"])),
            on_tips=config["commission_on_tips"],
            on_cash=config["commission_on_cash"],
        ),
        currency=config["currency"],
        min_external_minor=config["min_external_minor"],
        max_platform_minor=config["max_platform_minor"],
        split_threshold_minor=config["split_threshold_minor"],
        smallest_leg_minor=_get_smallest_leg_minor(config["currency"]),
        fallback_enabled=config["fallback_enabled"],
        preferred_processor=config["preferred_processor"],
    )


def _get_smallest_leg_minor(currency: str) -> int:
    return Money.from_major(settings.SPLIT_LEG_MINIMUM, currency).amount_minor


def _to_account(account: Mapping[str, Any]) -> Account:
    return Account(
        connection_id=account["connection_id"],
        processor=account["processor"],
        name=account["name"],
        is_platform=account["owner_id"] == PLATFORM_OWNER_ID,
        is_connected=account["state"] == "connected",
        is_disabled=account["disabled_at"] is not None,
        takes_payments="payments" in account["abilities"],
        currencies=tuple(account["currencies"]),
        fees=FeeTerms(Decimal(account["fee_percent"]), account["fee_fixed_minor"]),
        connected_at=datetime.fromisoformat(account["connected_at"]),
    )
