"""The part of Square's table that is about disputes and payouts."""

from collections.abc import Callable
from typing import Any

from square.disputes.client import DisputesClient
from square.payouts.client import PayoutsClient

from processors.simulator.routing import Operation, Route
from processors.simulator.square_api import disputes, payouts
from processors.simulator.square_api.bodies import shape_of


def route(
    method: str,
    pattern: str,
    operation: Operation,
    sdk_method: Callable[..., Any],
    *,
    in_transaction: bool = True,
) -> Route:
    in_path = [part[1:-1] for part in pattern.split("/") if part.startswith("{")]
    return Route(
        method, f"/v2/{pattern}", operation, shape_of(sdk_method, *in_path), in_transaction
    )


_DISPUTES = [
    route("GET", "disputes", disputes.list_disputes, DisputesClient.list),
    route("GET", "disputes/{dispute_id}", disputes.retrieve, DisputesClient.get),
    route("POST", "disputes/{dispute_id}/accept", disputes.accept, DisputesClient.accept),
    route(
        "POST",
        "disputes/{dispute_id}/submit-evidence",
        disputes.submit_evidence,
        DisputesClient.submit_evidence,
    ),
]

_PAYOUTS = [
    route("GET", "payouts", payouts.list_payouts, PayoutsClient.list),
    route("GET", "payouts/{payout_id}", payouts.retrieve, PayoutsClient.get),
    route(
        "GET",
        "payouts/{payout_id}/payout-entries",
        payouts.list_entries,
        PayoutsClient.list_entries,
    ),
]

MONEY_ROUTES = [*_DISPUTES, *_PAYOUTS]
