from django.urls import path

from .views import authorizations, connections, sales

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
        "connections/<str:connection_id>/disconnect",
        connections.connection_disconnect,
        name="connection_disconnect",
    ),
    path("<str:payment_id>", sales.payment_detail, name="payment_detail"),
]
