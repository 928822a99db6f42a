"""What the pages of collections share: one act on one row, and back to its page."""

from collections.abc import Callable
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse

from bookedbarber.foundation.admin_actions import go_to, run_on_each
from bookedbarber.foundation.admin_base import ReadOnlyAdmin


def act_on_one(
    page: ReadOnlyAdmin, request: HttpRequest, object_id: str, act: Callable[[Any], object]
) -> HttpResponse:
    found = page.get_object(request, object_id)
    if found is None:
        raise Http404
    run_on_each(request, [found], act)
    meta = page.opts
    name = f"admin:{meta.app_label}_{meta.model_name}_change"
    return go_to(reverse(name, args=[found.pk]))


def get_actor(request: HttpRequest) -> str:
    return str(request.user.public_id)  # type: ignore[union-attr]
