from django.urls import path

from . import webhooks

urlpatterns = [
    path("webhooks/<str:processor>", webhooks.webhooks),
    path("webhooks/<str:processor>/<int:connection_id>", webhooks.webhooks),
]
