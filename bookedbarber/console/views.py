"""Addresses for load balancers and people without a login."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from bookedbarber.accounts.models import User
from bookedbarber.accounts.roles import Role
from collections_app.queries.positions import Position, get_positions

from .queries.health import HEALTH, READINESS, Probe, is_healthy, run_probes


@require_safe
def health(request: HttpRequest) -> JsonResponse:
    return _answer(HEALTH)


@require_safe
def ready(request: HttpRequest) -> JsonResponse:
    return _answer(READINESS)


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    return render(request, "console/home.html", {"positions": _list_positions(request)})


def _list_positions(request: HttpRequest) -> dict[str, Position]:
    """What a barber owes, on his own page."""
    user = request.user
    if not isinstance(user, User) or user.role != Role.BARBER:
        return {}
    return get_positions(user, environment=settings.ENVIRONMENT)


def _answer(probes: dict[str, Probe]) -> JsonResponse:
    findings = run_probes(probes)
    healthy = is_healthy(findings)
    body = {"status": "ok" if healthy else "unavailable", "checks": findings}
    response = JsonResponse(body, status=200 if healthy else 503)
    response["Cache-Control"] = "no-store"
    return response
