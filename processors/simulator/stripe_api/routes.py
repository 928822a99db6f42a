"""Stripe's table: which operation answers which address, and what it accepts."""

from stripe import params

from processors.simulator.routing import Routes
from processors.simulator.stripe_api import (
    accounts,
    balance,
    balance_transactions,
    charges,
    checkout_sessions,
    confirmation,
    customers,
    debits,
    dispute_acts,
    events,
    payment_intents,
    payment_methods,
    payout_acts,
    refund_failures,
    refunds,
    webhook_endpoints,
)
from processors.simulator.stripe_api.money_routes import MONEY_ROUTES, route
from processors.simulator.stripe_api.oauth import OAUTH_ROUTES
from processors.simulator.stripe_api.setup_routes import SETUP_ROUTES

ROUTES = Routes(
    [
        *MONEY_ROUTES,
        *OAUTH_ROUTES,
        *SETUP_ROUTES,
        route("GET", "account", accounts.retrieve_own, params.AccountRetrieveCurrentParams),
        route("GET", "accounts/{id}", accounts.retrieve, params.AccountRetrieveParams),
        route("GET", "balance", balance.retrieve, params.BalanceRetrieveParams),
        route(
            "GET",
            "balance_transactions",
            balance_transactions.list_transactions,
            params.BalanceTransactionListParams,
        ),
        route(
            "GET",
            "balance_transactions/{id}",
            balance_transactions.retrieve,
            params.BalanceTransactionRetrieveParams,
        ),
        route("GET", "charges", charges.list_charges, params.ChargeListParams),
        route("GET", "charges/{id}", charges.retrieve, params.ChargeRetrieveParams),
        route("GET", "customers", customers.list_customers, params.CustomerListParams),
        route("POST", "customers", customers.create, params.CustomerCreateParams),
        route("GET", "customers/{id}", customers.retrieve, params.CustomerRetrieveParams),
        route("POST", "customers/{id}", customers.update, params.CustomerUpdateParams),
        route("DELETE", "customers/{id}", customers.delete, params.CustomerDeleteParams),
        route(
            "GET",
            "customers/{customer}/payment_methods",
            payment_methods.list_methods,
            params.CustomerPaymentMethodListParams,
        ),
        route(
            "GET",
            "customers/{customer}/payment_methods/{id}",
            payment_methods.retrieve_of_customer,
            params.CustomerPaymentMethodRetrieveParams,
        ),
        route("GET", "events", events.list_events, params.EventListParams),
        route("GET", "events/{id}", events.retrieve, params.EventRetrieveParams),
        route(
            "GET", "payment_intents", payment_intents.list_intents, params.PaymentIntentListParams
        ),
        route("POST", "payment_intents", payment_intents.create, params.PaymentIntentCreateParams),
        route(
            "GET",
            "payment_intents/{id}",
            payment_intents.retrieve,
            params.PaymentIntentRetrieveParams,
        ),
        route(
            "POST",
            "payment_intents/{id}",
            payment_intents.update,
            params.PaymentIntentUpdateParams,
        ),
        route(
            "POST",
            "payment_intents/{id}/confirm",
            payment_intents.confirm,
            params.PaymentIntentConfirmParams,
        ),
        route(
            "POST",
            "payment_intents/{id}/capture",
            payment_intents.capture,
            params.PaymentIntentCaptureParams,
        ),
        route(
            "POST",
            "payment_intents/{id}/cancel",
            payment_intents.cancel,
            params.PaymentIntentCancelParams,
        ),
        route(
            "GET", "payment_methods", payment_methods.list_methods, params.PaymentMethodListParams
        ),
        route("POST", "payment_methods", payment_methods.create, params.PaymentMethodCreateParams),
        route(
            "GET",
            "payment_methods/{id}",
            payment_methods.retrieve,
            params.PaymentMethodRetrieveParams,
        ),
        route(
            "POST",
            "payment_methods/{id}/attach",
            payment_methods.attach,
            params.PaymentMethodAttachParams,
        ),
        route(
            "POST",
            "payment_methods/{id}/detach",
            payment_methods.detach,
            params.PaymentMethodDetachParams,
        ),
        route("GET", "refunds", refunds.list_refunds, params.RefundListParams),
        route("POST", "refunds", refunds.create, params.RefundCreateParams),
        route("GET", "refunds/{id}", refunds.retrieve, params.RefundRetrieveParams),
        route("POST", "refunds/{id}", refunds.update, params.RefundUpdateParams),
        route("POST", "refunds/{id}/cancel", refunds.cancel, params.RefundCancelParams),
        route(
            "GET",
            "webhook_endpoints",
            webhook_endpoints.list_endpoints,
            params.WebhookEndpointListParams,
        ),
        route(
            "POST",
            "webhook_endpoints",
            webhook_endpoints.create,
            params.WebhookEndpointCreateParams,
        ),
        route(
            "GET",
            "webhook_endpoints/{id}",
            webhook_endpoints.retrieve,
            params.WebhookEndpointRetrieveParams,
        ),
        route(
            "POST",
            "webhook_endpoints/{id}",
            webhook_endpoints.update,
            params.WebhookEndpointUpdateParams,
        ),
        route(
            "DELETE",
            "webhook_endpoints/{id}",
            webhook_endpoints.delete,
            params.WebhookEndpointDeleteParams,
        ),
    ]
)

TASKS = {
    payout_acts.ARRIVE_TASK: payout_acts.arrive,
    payout_acts.DAILY_TASK: payout_acts.pay_out_daily,
    dispute_acts.DEADLINE_TASK: dispute_acts.end_deadline,
    charges.POST_FEE_TASK: charges.post_fee,
    checkout_sessions.EXPIRE_TASK: checkout_sessions.expire_due_session,
    debits.RETURN_TASK: debits.return_due_debit,
    debits.SETTLE_TASK: debits.settle_due_debit,
    confirmation.EXPIRE_TASK: confirmation.expire_authorization,
    refunds.COMPLETE_TASK: refunds.complete_refund,
    refund_failures.FAIL_TASK: refund_failures.fail_due_refund,
}
