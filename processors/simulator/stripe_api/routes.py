"""Stripe's table: which operation answers which address, and what it accepts."""

from stripe import params

from processors.simulator.routing import Operation, Route, Routes
from processors.simulator.stripe_api import (
    accounts,
    balance,
    balance_transactions,
    charges,
    confirmation,
    customers,
    events,
    payment_intents,
    payment_methods,
    refunds,
    webhook_endpoints,
)
from processors.simulator.stripe_api.forms import shape_of


def _route(method: str, pattern: str, operation: Operation, parameters: type) -> Route:
    return Route(method, f"/v1/{pattern}", operation, shape_of(parameters))


ROUTES = Routes(
    [
        _route("GET", "account", accounts.retrieve_own, params.AccountRetrieveCurrentParams),
        _route("GET", "accounts/{id}", accounts.retrieve, params.AccountRetrieveParams),
        _route("GET", "balance", balance.retrieve, params.BalanceRetrieveParams),
        _route(
            "GET",
            "balance_transactions",
            balance_transactions.list_transactions,
            params.BalanceTransactionListParams,
        ),
        _route(
            "GET",
            "balance_transactions/{id}",
            balance_transactions.retrieve,
            params.BalanceTransactionRetrieveParams,
        ),
        _route("GET", "charges", charges.list_charges, params.ChargeListParams),
        _route("GET", "charges/{id}", charges.retrieve, params.ChargeRetrieveParams),
        _route("GET", "customers", customers.list_customers, params.CustomerListParams),
        _route("POST", "customers", customers.create, params.CustomerCreateParams),
        _route("GET", "customers/{id}", customers.retrieve, params.CustomerRetrieveParams),
        _route("POST", "customers/{id}", customers.update, params.CustomerUpdateParams),
        _route("DELETE", "customers/{id}", customers.delete, params.CustomerDeleteParams),
        _route(
            "GET",
            "customers/{customer}/payment_methods",
            payment_methods.list_methods,
            params.CustomerPaymentMethodListParams,
        ),
        _route(
            "GET",
            "customers/{customer}/payment_methods/{id}",
            payment_methods.retrieve_of_customer,
            params.CustomerPaymentMethodRetrieveParams,
        ),
        _route("GET", "events", events.list_events, params.EventListParams),
        _route("GET", "events/{id}", events.retrieve, params.EventRetrieveParams),
        _route(
            "GET", "payment_intents", payment_intents.list_intents, params.PaymentIntentListParams
        ),
        _route("POST", "payment_intents", payment_intents.create, params.PaymentIntentCreateParams),
        _route(
            "GET",
            "payment_intents/{id}",
            payment_intents.retrieve,
            params.PaymentIntentRetrieveParams,
        ),
        _route(
            "POST",
            "payment_intents/{id}",
            payment_intents.update,
            params.PaymentIntentUpdateParams,
        ),
        _route(
            "POST",
            "payment_intents/{id}/confirm",
            payment_intents.confirm,
            params.PaymentIntentConfirmParams,
        ),
        _route(
            "POST",
            "payment_intents/{id}/capture",
            payment_intents.capture,
            params.PaymentIntentCaptureParams,
        ),
        _route(
            "POST",
            "payment_intents/{id}/cancel",
            payment_intents.cancel,
            params.PaymentIntentCancelParams,
        ),
        _route(
            "GET", "payment_methods", payment_methods.list_methods, params.PaymentMethodListParams
        ),
        _route("POST", "payment_methods", payment_methods.create, params.PaymentMethodCreateParams),
        _route(
            "GET",
            "payment_methods/{id}",
            payment_methods.retrieve,
            params.PaymentMethodRetrieveParams,
        ),
        _route(
            "POST",
            "payment_methods/{id}/attach",
            payment_methods.attach,
            params.PaymentMethodAttachParams,
        ),
        _route(
            "POST",
            "payment_methods/{id}/detach",
            payment_methods.detach,
            params.PaymentMethodDetachParams,
        ),
        _route("GET", "refunds", refunds.list_refunds, params.RefundListParams),
        _route("POST", "refunds", refunds.create, params.RefundCreateParams),
        _route("GET", "refunds/{id}", refunds.retrieve, params.RefundRetrieveParams),
        _route("POST", "refunds/{id}", refunds.update, params.RefundUpdateParams),
        _route("POST", "refunds/{id}/cancel", refunds.cancel, params.RefundCancelParams),
        _route(
            "GET",
            "webhook_endpoints",
            webhook_endpoints.list_endpoints,
            params.WebhookEndpointListParams,
        ),
        _route(
            "POST",
            "webhook_endpoints",
            webhook_endpoints.create,
            params.WebhookEndpointCreateParams,
        ),
        _route(
            "GET",
            "webhook_endpoints/{id}",
            webhook_endpoints.retrieve,
            params.WebhookEndpointRetrieveParams,
        ),
        _route(
            "POST",
            "webhook_endpoints/{id}",
            webhook_endpoints.update,
            params.WebhookEndpointUpdateParams,
        ),
        _route(
            "DELETE",
            "webhook_endpoints/{id}",
            webhook_endpoints.delete,
            params.WebhookEndpointDeleteParams,
        ),
    ]
)

TASKS = {
    charges.POST_FEE_TASK: charges.post_fee,
    confirmation.EXPIRE_TASK: confirmation.expire_authorization,
    refunds.COMPLETE_TASK: refunds.complete_refund,
}
