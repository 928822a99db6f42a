"""Square's table: which operation answers which address, and what it accepts."""

from collections.abc import Callable
from typing import Any

from square.customers.client import CustomersClient
from square.locations.client import LocationsClient
from square.merchants.client import MerchantsClient
from square.payments.client import PaymentsClient
from square.refunds.client import RefundsClient
from square.webhooks.subscriptions.client import SubscriptionsClient

from processors.simulator.routing import Operation, Route, Routes
from processors.simulator.square_api import (
    customers,
    fees,
    locations,
    payments,
    refunds,
    subscriptions,
)
from processors.simulator.square_api.bodies import shape_of


def _route(
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


ROUTES = Routes(
    [
        _route("GET", "payments", payments.list_payments, PaymentsClient.list),
        _route("POST", "payments", payments.create, PaymentsClient.create),
        _route(
            "POST",
            "payments/cancel",
            payments.cancel_by_key,
            PaymentsClient.cancel_by_idempotency_key,
        ),
        _route("GET", "payments/{payment_id}", payments.retrieve, PaymentsClient.get),
        _route("POST", "payments/{payment_id}/cancel", payments.cancel, PaymentsClient.cancel),
        _route(
            "POST", "payments/{payment_id}/complete", payments.complete, PaymentsClient.complete
        ),
        _route("GET", "refunds", refunds.list_refunds, RefundsClient.list),
        _route("POST", "refunds", refunds.create, RefundsClient.refund_payment),
        _route("GET", "refunds/{refund_id}", refunds.retrieve, RefundsClient.get),
        _route("GET", "locations", locations.list_locations, LocationsClient.list),
        _route("GET", "locations/{location_id}", locations.retrieve_location, LocationsClient.get),
        _route("GET", "merchants", locations.list_merchants, MerchantsClient.list),
        _route("GET", "merchants/{merchant_id}", locations.retrieve_merchant, MerchantsClient.get),
        _route("GET", "customers", customers.list_customers, CustomersClient.list),
        _route("POST", "customers", customers.create, CustomersClient.create),
        _route("GET", "customers/{customer_id}", customers.retrieve, CustomersClient.get),
        _route("PUT", "customers/{customer_id}", customers.update, CustomersClient.update),
        _route("DELETE", "customers/{customer_id}", customers.delete, CustomersClient.delete),
        _route(
            "GET",
            "webhooks/subscriptions",
            subscriptions.list_subscriptions,
            SubscriptionsClient.list,
        ),
        _route("POST", "webhooks/subscriptions", subscriptions.create, SubscriptionsClient.create),
        _route(
            "GET",
            "webhooks/subscriptions/{subscription_id}",
            subscriptions.retrieve,
            SubscriptionsClient.get,
        ),
        _route(
            "PUT",
            "webhooks/subscriptions/{subscription_id}",
            subscriptions.update,
            SubscriptionsClient.update,
        ),
        _route(
            "DELETE",
            "webhooks/subscriptions/{subscription_id}",
            subscriptions.delete,
            SubscriptionsClient.delete,
        ),
        _route(
            "POST",
            "webhooks/subscriptions/{subscription_id}/signature-key",
            subscriptions.update_key,
            SubscriptionsClient.update_signature_key,
        ),
        _route(
            "POST",
            "webhooks/subscriptions/{subscription_id}/test",
            subscriptions.test,
            SubscriptionsClient.test,
            in_transaction=False,
        ),
    ]
)

TASKS = {
    payments.DELAY_TASK: payments.end_delay,
    fees.POST_FEE_TASK: fees.post_fee,
    refunds.COMPLETE_TASK: refunds.complete_refund,
}
