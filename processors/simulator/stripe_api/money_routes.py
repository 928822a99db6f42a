"""The part of Stripe's table that is about money between accounts and banks."""

from stripe import params

from processors.simulator.routing import Operation, Route
from processors.simulator.stripe_api import disputes, payouts, transfer_reversals, transfers
from processors.simulator.stripe_api.forms import shape_of


def route(method: str, pattern: str, operation: Operation, parameters: type) -> Route:
    return Route(method, f"/v1/{pattern}", operation, shape_of(parameters))


_TRANSFERS = [
    route("GET", "transfers", transfers.list_transfers, params.TransferListParams),
    route("POST", "transfers", transfers.create, params.TransferCreateParams),
    route("GET", "transfers/{id}", transfers.retrieve, params.TransferRetrieveParams),
    route("POST", "transfers/{id}", transfers.update, params.TransferUpdateParams),
    route(
        "GET",
        "transfers/{id}/reversals",
        transfer_reversals.list_reversals,
        params.TransferReversalListParams,
    ),
    route(
        "POST",
        "transfers/{id}/reversals",
        transfer_reversals.create,
        params.TransferReversalCreateParams,
    ),
    route(
        "GET",
        "transfers/{id}/reversals/{reversal}",
        transfer_reversals.retrieve,
        params.TransferReversalRetrieveParams,
    ),
    route(
        "POST",
        "transfers/{id}/reversals/{reversal}",
        transfer_reversals.update,
        params.TransferReversalUpdateParams,
    ),
]

_DISPUTES = [
    route("GET", "disputes", disputes.list_disputes, params.DisputeListParams),
    route("GET", "disputes/{id}", disputes.retrieve, params.DisputeRetrieveParams),
    route("POST", "disputes/{id}", disputes.update, params.DisputeUpdateParams),
    route("POST", "disputes/{id}/close", disputes.close, params.DisputeCloseParams),
]

_PAYOUTS = [
    route("GET", "payouts", payouts.list_payouts, params.PayoutListParams),
    route("POST", "payouts", payouts.create, params.PayoutCreateParams),
    route("GET", "payouts/{id}", payouts.retrieve, params.PayoutRetrieveParams),
    route("POST", "payouts/{id}", payouts.update, params.PayoutUpdateParams),
]

MONEY_ROUTES = [*_TRANSFERS, *_DISPUTES, *_PAYOUTS]
