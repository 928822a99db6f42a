from django.urls import path

from .views import authorizations, connections, disputes, payouts, refunds, sales

urlpatterns = [
    path("", sales.payment_list, name="payment_list"),
    path("new", sales.payment_new, name="payment_new"),
    path("connections", connections.connection_list, name="connection_list"),
    path("connections/new/<str:processor>", connections.connection_new, name="connection_new"),
    path(
        "connections/oauth/<str:processor>/start",
        authorizations.authorization_start,
        name="authorization_start",
    ),
    path(
        "connections/oauth/<str:processor>/callback",
        authorizations.authorization_callback,
        name="authorization_callback",
    ),
    path(
        "connections/<str:connection_id>/reset",
        connections.connection_reset,
        name="connection_reset",
    ),
    path(
        "connections/<str:connection_id>/webhook",
        connections.connection_webhook,
        name="connection_webhook",
    ),
    path(
        "connections/<str:connection_id>/credentials",
        connections.connection_credentials,
        name="connection_credentials",
    ),
    path(
        "connections/<str:connection_id>/test", connections.connection_test, name="connection_test"
    ),
    path(
        "connections/<str:connection_id>/sync", connections.connection_sync, name="connection_sync"
    ),
    path(
        "connections/<str:connection_id>/disconnect",
        connections.connection_disconnect,
        name="connection_disconnect",
    ),
    path("payouts", payouts.payout_list, name="payout_list"),
    path("payouts/<str:payout_id>", payouts.payout_detail, name="payout_detail"),
    path("disputes", disputes.dispute_list, name="dispute_list"),
    path("<str:payment_id>/refund", refunds.payment_refund, name="payment_refund"),
    path("<str:payment_id>", sales.payment_detail, name="payment_detail"),
]
