"""The main job as a table: what is asked for, and what must come of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Entries = tuple[tuple[str, str], ...]

PLATFORM_CARD = {"platform": "pm_card_visa"}
BOTH_CARDS = {"platform": "pm_card_visa", "square": "cnon:card-nonce-ok"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """One sale. `expected` are fields of the answer; `entries` the ledger's, in major units."""

    name: str
    login: str
    amount: str
    payment_methods: Mapping[str, str]
    status: int
    expected: Mapping[str, Any]
    entries: Entries = field(default=())


SCENARIOS = (
    Scenario(
        name="a centralized sale",
        login="central",
        amount="75.00",
        payment_methods=PLATFORM_CARD,
        status=201,
        expected={
            "status": "completed",
            "routing_decision": "centralized",
            "commission_amount": "15.00",
            "commission_collected": True,
            "processing_fee": "2.48",
            "processing_fee_is_estimate": False,
            "net_amount": "57.52",
        },
        entries=(
            ("clearing", "75.00"),
            ("commission", "-15.00"),
            ("payable", "-60.00"),
            ("clearing", "-2.48"),
            ("payable", "2.48"),
        ),
    ),
    Scenario(
        name="an external Square sale",
        login="square",
        amount="75.00",
        payment_methods=BOTH_CARDS,
        status=201,
        expected={
            "status": "completed",
            "routing_decision": "external",
            "external_processor": "square",
            "processing_fee": "2.05",
            "commission_amount": "15.00",
            "commission_collected": False,
            "net_amount": "57.95",
        },
        entries=(("receivable", "15.00"), ("commission", "-15.00")),
    ),
    Scenario(
        name="a hybrid sale below the external minimum",
        login="hybrid",
        amount="49.99",
        payment_methods=BOTH_CARDS,
        status=201,
        expected={
            "routing_decision": "centralized",
            "routing_details.reason": "below_min_external_amount",
            "processing_fee": "1.75",
            "commission_amount": "10.00",
        },
        entries=(
            ("clearing", "49.99"),
            ("commission", "-10.00"),
            ("payable", "-39.99"),
            ("clearing", "-1.75"),
            ("payable", "1.75"),
        ),
    ),
    Scenario(
        name="a hybrid sale above the platform maximum",
        login="hybrid",
        amount="150.01",
        payment_methods=BOTH_CARDS,
        status=201,
        expected={
            "routing_decision": "external",
            "routing_details.reason": "above_max_platform_amount",
            "processing_fee": "4.00",
            "commission_amount": "30.00",
        },
        entries=(("receivable", "30.00"), ("commission", "-30.00")),
    ),
    Scenario(
        name="a fallback to the platform",
        login="hybrid",
        amount="160.00",
        payment_methods=PLATFORM_CARD,
        status=201,
        expected={
            "routing_decision": "fallback",
            "routing_details.reason": "no_usable_connection",
            "commission_amount": "32.00",
        },
        entries=(
            ("clearing", "160.00"),
            ("commission", "-32.00"),
            ("payable", "-128.00"),
            ("clearing", "-4.94"),
            ("payable", "4.94"),
        ),
    ),
    Scenario(
        name="a declined card",
        login="central",
        amount="75.00",
        payment_methods={"platform": "pm_card_chargeDeclined"},
        status=402,
        expected={
            "error.code": "PAYMENT_DECLINED",
            "error.details.payment.status": "failed",
        },
    ),
)
