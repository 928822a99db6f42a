"""Addresses for load balancers and people without a login."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from .queries.health import HEALTH, READINESS, Probe, is_healthy, run_probes


@require_safe
def health(request: HttpRequest) -> JsonResponse:
    return _answer(HEALTH)


@require_safe
def ready(request: HttpRequest) -> JsonResponse:
    return _answer(READINESS)


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    return render(request, "console/home.html")


def _answer(probes: dict[str, Probe]) -> JsonResponse:
    findings = run_probes(probes)
    healthy = is_healthy(findings)
    body = {"status": "ok" if healthy else "unavailable", "checks": findings}
    response = JsonResponse(body, status=200 if healthy else 503)
    response["Cache-Control"] = "no-store"
    return response
