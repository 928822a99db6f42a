from django.http import HttpRequest, HttpResponse
from django.urls import path

from .process import process
from .route import RouteFloor
from .webhooks import receive


def ready(request: HttpRequest) -> HttpResponse:
    return HttpResponse()


urlpatterns = [
    path("ready", ready),
    path("route", RouteFloor.as_view()),
    path("process", process),
    path("webhooks/<int:door_id>/<int:connection_id>", receive),
]
