"""The barbers of a run, over all modes. Pure data: both the driver and `populate` read it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

DOMAIN = "chaos.test"
PASSWORD = "chaos-not-a-secret"
PLATFORM_ACCOUNT = "acct_platform"
PLATFORM_SECRET = "sk_test_simulated_platform"
CURRENCIES = ["USD", "AUD", "GBP", "CAD", "NZD"]

PREFIXES = {"stripe": "acct_chaos_", "square": "MLCHAOS"}
SECRETS = {"stripe": ("secret_key", "sk_test_chaos_"), "square": ("access_token", "EAAAchaos")}


@dataclass(frozen=True, slots=True, kw_only=True)
class BarberSpec:
    """`rate` is his commission in percent; `config` are other fields of his payment config."""

    login: str
    mode: str
    currency: str = "USD"
    rate: str = "20"
    processors: tuple[str, ...] = ()
    config: Mapping[str, Any] = field(default_factory=dict)

    @property
    def email(self) -> str:
        return f"{self.login}@{DOMAIN}"

    def get_account_id(self, processor: str) -> str:
        return f"{PREFIXES[processor]}{self.login}"

    @property
    def splits(self) -> bool:
        """Whether a share of his sales is taken in two parts."""
        return "split_threshold_minor" in self.config

    def get_credentials(self, processor: str) -> dict[str, str]:
        return {SECRETS[processor][0]: self.get_secret(processor)}

    def get_secret(self, processor: str) -> str:
        return f"{SECRETS[processor][1]}{self.login}"


_THRESHOLDS = {"min_external_minor": 50_00, "max_platform_minor": 150_00}

BARBERS = (
    BarberSpec(login="central", mode="centralized"),
    BarberSpec(login="sydney", mode="centralized", currency="AUD", rate="17.5"),
    BarberSpec(login="square", mode="decentralized", processors=("square",)),
    BarberSpec(login="stripe", mode="decentralized", processors=("stripe",), rate="15"),
    BarberSpec(
        login="alone",
        mode="decentralized",
        processors=("stripe",),
        currency="GBP",
        config={"fallback_enabled": False},
    ),
    BarberSpec(login="hybrid", mode="hybrid", processors=("square",), config=_THRESHOLDS),
    BarberSpec(
        login="both",
        mode="hybrid",
        currency="CAD",
        rate="12.25",
        processors=("square", "stripe"),
        config=_THRESHOLDS | {"preferred_processor": "stripe"},
    ),
    BarberSpec(
        login="halves",
        mode="hybrid",
        rate="17.25",
        processors=("stripe",),
        config={"split_threshold_minor": 40_00},
    ),
    BarberSpec(
        login="parts",
        mode="hybrid",
        currency="NZD",
        processors=("square",),
        config={"split_threshold_minor": 30_00},
    ),
)


def find_barber(login: str) -> BarberSpec:
    return next(spec for spec in BARBERS if spec.login == login)


def find_owner(account_id: str) -> BarberSpec:
    """Whose account it is.

    :raises StopIteration: the platform's, or nobody's.
    """
    return next(
        spec
        for spec in BARBERS
        for processor in spec.processors
        if spec.get_account_id(processor) == account_id
    )
