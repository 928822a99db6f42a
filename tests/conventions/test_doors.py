"""House rules about who gets in: every route of the API and every row of a barber has a rule."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.apps import apps
from django.db.models import ForeignKey, Model
from django.urls import URLPattern, URLResolver, get_resolver
from rest_framework.permissions import AllowAny, IsAuthenticated
from rest_framework.settings import api_settings
from rest_framework.views import APIView

from bookedbarber.accounts.models import Barber

# Whoever comes: logging in, the description of the API, and processors, who sign what they send.
PUBLIC_ROUTES = {
    "api/v1/auth/token",
    "api/v1/auth/token/refresh",
    "api/v1/auth/token/revoke",
    "api/v1/schema/",
    "api/v1/docs",
    "api/v1/webhooks/<str:processor>",
    "api/v1/webhooks/<str:processor>/<int:connection_id>",
}
# Whoever is logged in: it is about the person who asks.
ROUTES_ABOUT_ONESELF = {"api/v1/auth/me"}
# Rows that nobody but the staff's admin lists; their barbers are told by what hangs on them.
LISTED_BY_STAFF_ONLY = {"bookings.service"}


def list_routes(resolver: URLResolver, before: str = "") -> Iterator[tuple[str, URLPattern]]:
    for found in resolver.url_patterns:
        path = before + str(found.pattern)
        if isinstance(found, URLResolver):
            yield from list_routes(found, path)
        else:
            yield path, found


API_ROUTES = {
    path: pattern
    for path, pattern in list_routes(get_resolver())
    if path.startswith("api/") and path not in PUBLIC_ROUTES | ROUTES_ABOUT_ONESELF
}


def get_view(pattern: URLPattern) -> type[Any]:
    view: type[Any] = getattr(pattern.callback, "view_class", object)
    return view


@pytest.mark.parametrize("path", sorted(API_ROUTES))
def test_a_route_of_the_api_says_who_may_use_it(path):
    view = get_view(API_ROUTES[path])
    said = {base for base in view.__mro__ if base is not APIView and issubclass(base, APIView)}

    assert issubclass(view, APIView), f"{path} is no view of the API"
    assert any(
        "permission_classes" in vars(base) or "get_permissions" in vars(base) for base in said
    ), f"{view.__name__} leaves it to the default"
    assert AllowAny not in view.permission_classes


def test_the_list_of_public_routes_names_only_what_exists():
    paths = {path for path, _ in list_routes(get_resolver())}

    assert paths >= PUBLIC_ROUTES | ROUTES_ABOUT_ONESELF


def test_what_is_said_nowhere_is_for_people_who_are_logged_in():
    assert [IsAuthenticated] == api_settings.DEFAULT_PERMISSION_CLASSES


def has_barber(model: type[Model]) -> bool:
    return any(
        isinstance(field, ForeignKey) and field.related_model is Barber
        for field in model._meta.get_fields()
    )


@pytest.mark.parametrize(
    "model",
    [
        model
        for model in apps.get_models()
        if has_barber(model) and model._meta.label_lower not in LISTED_BY_STAFF_ONLY
    ],
    ids=lambda model: model._meta.label,
)
def test_a_model_with_a_barber_says_who_may_see_its_rows(model):
    assert hasattr(model._default_manager.all(), "visible_to")
