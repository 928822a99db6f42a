from django.urls import path

from . import (
    authorization_views,
    config_views,
    connection_views,
    dispute_views,
    option_views,
    payment_views,
    payout_views,
    refund_views,
    routing_views,
    sync_views,
    transaction_views,
)

urlpatterns = [
    path("hybrid-payments/route", routing_views.RouteView.as_view()),
    path("hybrid-payments/test-routing", routing_views.TestRoutingView.as_view()),
    path("hybrid-payments/process", payment_views.ProcessView.as_view()),
    path("hybrid-payments/payments/<str:payment_id>/confirm", payment_views.ConfirmView.as_view()),
    path("hybrid-payments/my-options", option_views.MyOptionsView.as_view()),
    path("hybrid-payments/options/<int:barber_id>", option_views.OptionsView.as_view()),
    path("hybrid-payments/config", config_views.OwnConfigView.as_view()),
    path("hybrid-payments/config/<int:barber_id>", config_views.ConfigView.as_view()),
    path("payments", payment_views.PaymentsView.as_view()),
    path("payments/<str:payment_id>", payment_views.PaymentView.as_view()),
    path("payments/<str:payment_id>/void", payment_views.VoidView.as_view()),
    path("refunds", refund_views.RefundsView.as_view()),
    path("refunds/<str:refund_id>", refund_views.RefundView.as_view()),
    path("external-payments/connections", connection_views.ConnectionsView.as_view()),
    path(
        "external-payments/connections/<int:connection_id>",
        connection_views.ConnectionView.as_view(),
    ),
    path(
        "external-payments/connections/<int:connection_id>/test",
        connection_views.ConnectionTestView.as_view(),
    ),
    path(
        "external-payments/connections/<int:connection_id>/sync",
        sync_views.ConnectionSyncView.as_view(),
    ),
    path("external-payments/transactions", transaction_views.TransactionsView.as_view()),
    path(
        "external-payments/transactions/<int:transaction_id>",
        transaction_views.TransactionView.as_view(),
    ),
    path("disputes", dispute_views.DisputesView.as_view()),
    path("disputes/<str:dispute_id>", dispute_views.DisputeView.as_view()),
    path("payouts", payout_views.PayoutsView.as_view()),
    path("payouts/upcoming", payout_views.UpcomingView.as_view()),
    path("payouts/<str:payout_id>", payout_views.PayoutView.as_view()),
    path(
        "external-payments/connections/<int:connection_id>/reset",
        connection_views.ConnectionResetView.as_view(),
    ),
    path(
        "external-payments/connections/<int:connection_id>/webhook",
        connection_views.ConnectionWebhookView.as_view(),
    ),
    path(
        "external-payments/oauth/<str:processor>/start",
        authorization_views.AuthorizationStartView.as_view(),
    ),
    path(
        "external-payments/oauth/<str:processor>/callback",
        authorization_views.AuthorizationCallbackView.as_view(),
    ),
]
