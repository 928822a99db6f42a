from django.http import HttpRequest, HttpResponse
from django.urls import path

from .process import process
from .route import RouteFloor


def ready(request: HttpRequest) -> HttpResponse:
    return HttpResponse()


urlpatterns = [
    path("ready", ready),
    path("route", RouteFloor.as_view()),
    path("process", process),
]
