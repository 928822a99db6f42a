"""The part of Stripe's table that is about saving payment methods for later."""

from stripe import params
from stripe.params import checkout

from processors.simulator.stripe_api import checkout_sessions, setup_intents
from processors.simulator.stripe_api.money_routes import route

_SETUP_INTENTS = [
    route("POST", "setup_intents", setup_intents.create, params.SetupIntentCreateParams),
    route("GET", "setup_intents/{id}", setup_intents.retrieve, params.SetupIntentRetrieveParams),
    route(
        "POST",
        "setup_intents/{id}/confirm",
        setup_intents.confirm,
        params.SetupIntentConfirmParams,
    ),
    route(
        "POST", "setup_intents/{id}/cancel", setup_intents.cancel, params.SetupIntentCancelParams
    ),
]

_SESSIONS = [
    route("POST", "checkout/sessions", checkout_sessions.create, checkout.SessionCreateParams),
    route(
        "GET",
        "checkout/sessions/{id}",
        checkout_sessions.retrieve,
        checkout.SessionRetrieveParams,
    ),
    route(
        "POST",
        "checkout/sessions/{id}/expire",
        checkout_sessions.expire,
        checkout.SessionExpireParams,
    ),
]

SETUP_ROUTES = [*_SETUP_INTENTS, *_SESSIONS]
