"""Square's table: which operation answers which address, and what it accepts."""

from square.customers.client import CustomersClient
from square.locations.client import LocationsClient
from square.merchants.client import MerchantsClient
from square.payments.client import PaymentsClient
from square.refunds.client import RefundsClient
from square.webhooks.subscriptions.client import SubscriptionsClient

from processors.simulator.routing import Routes
from processors.simulator.square_api import (
    customers,
    dispute_acts,
    fees,
    locations,
    payments,
    payout_acts,
    refund_failures,
    refunds,
    subscriptions,
)
from processors.simulator.square_api.money_routes import MONEY_ROUTES, route
from processors.simulator.square_api.oauth import OAUTH_ROUTES

ROUTES = Routes(
    [
        *MONEY_ROUTES,
        *OAUTH_ROUTES,
        route("GET", "payments", payments.list_payments, PaymentsClient.list),
        route("POST", "payments", payments.create, PaymentsClient.create),
        route(
            "POST",
            "payments/cancel",
            payments.cancel_by_key,
            PaymentsClient.cancel_by_idempotency_key,
        ),
        route("GET", "payments/{payment_id}", payments.retrieve, PaymentsClient.get),
        route("POST", "payments/{payment_id}/cancel", payments.cancel, PaymentsClient.cancel),
        route("POST", "payments/{payment_id}/complete", payments.complete, PaymentsClient.complete),
        route("GET", "refunds", refunds.list_refunds, RefundsClient.list),
        route("POST", "refunds", refunds.create, RefundsClient.refund_payment),
        route("GET", "refunds/{refund_id}", refunds.retrieve, RefundsClient.get),
        route("GET", "locations", locations.list_locations, LocationsClient.list),
        route("GET", "locations/{location_id}", locations.retrieve_location, LocationsClient.get),
        route("GET", "merchants", locations.list_merchants, MerchantsClient.list),
        route("GET", "merchants/{merchant_id}", locations.retrieve_merchant, MerchantsClient.get),
        route("GET", "customers", customers.list_customers, CustomersClient.list),
        route("POST", "customers", customers.create, CustomersClient.create),
        route("GET", "customers/{customer_id}", customers.retrieve, CustomersClient.get),
        route("PUT", "customers/{customer_id}", customers.update, CustomersClient.update),
        route("DELETE", "customers/{customer_id}", customers.delete, CustomersClient.delete),
        route(
            "GET",
            "webhooks/subscriptions",
            subscriptions.list_subscriptions,
            SubscriptionsClient.list,
        ),
        route("POST", "webhooks/subscriptions", subscriptions.create, SubscriptionsClient.create),
        route(
            "GET",
            "webhooks/subscriptions/{subscription_id}",
            subscriptions.retrieve,
            SubscriptionsClient.get,
        ),
        route(
            "PUT",
            "webhooks/subscriptions/{subscription_id}",
            subscriptions.update,
            SubscriptionsClient.update,
        ),
        route(
            "DELETE",
            "webhooks/subscriptions/{subscription_id}",
            subscriptions.delete,
            SubscriptionsClient.delete,
        ),
        route(
            "POST",
            "webhooks/subscriptions/{subscription_id}/signature-key",
            subscriptions.update_key,
            SubscriptionsClient.update_signature_key,
        ),
        route(
            "POST",
            "webhooks/subscriptions/{subscription_id}/test",
            subscriptions.test,
            SubscriptionsClient.test,
            in_transaction=False,
        ),
    ]
)

TASKS = {
    payout_acts.ARRIVE_TASK: payout_acts.arrive,
    payout_acts.DAILY_TASK: payout_acts.pay_out_daily,
    dispute_acts.DEADLINE_TASK: dispute_acts.end_deadline,
    payments.DELAY_TASK: payments.end_delay,
    fees.POST_FEE_TASK: fees.post_fee,
    refunds.COMPLETE_TASK: refunds.complete_refund,
    refund_failures.FAIL_TASK: refund_failures.fail_due_refund,
}
