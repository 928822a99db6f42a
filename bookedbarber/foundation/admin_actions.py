"""Acts in the admin: one operation for each row, and what became of each."""

from collections.abc import Callable, Iterable
from itertools import islice
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from unfold.forms import BaseDialogForm
from unfold.widgets import UnfoldAdminTextareaWidget

from .errors import DomainError

MOST_AT_ONCE = 100


class ConfirmForm(BaseDialogForm):
    """A dialog that only asks whether it is meant."""


class ReasonForm(BaseDialogForm):
    """A dialog that asks why; the answer goes into the history."""

    reason = forms.CharField(max_length=500, widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}))


def run_on_each(
    request: HttpRequest, rows: Iterable[Any], operation: Callable[[Any], object]
) -> int:
    """Call the operation on each row, at most 100, and tell the person how each went.

    A failure that the domain knows does not stop the rest; a bug does. Returns how many went well.
    """
    done = 0
    for row in islice(rows, MOST_AT_ONCE):
        try:
            operation(row)
        except DomainError as error:
            messages.error(request, f"{row}: {error.message}.")
        else:
            done += 1
    if done:
        messages.success(request, f"Done: {done}.")
    return done


def act_on_one(
    page: Any, request: HttpRequest, object_id: str, act: Callable[[Any], object]
) -> HttpResponse:
    """Call the operation on the row of this page, and go back to it. `page` is its admin.

    :raises Http404: there is no such row, or not for this person.
    """
    found = page.get_object(request, object_id)
    if found is None:
        raise Http404
    run_on_each(request, [found], act)
    name = f"admin:{page.opts.app_label}_{page.opts.model_name}_change"
    return go_to(reverse(name, args=[found.pk]))


def get_actor(request: HttpRequest) -> str:
    """The person who acts, as operations and the history name them."""
    return str(request.user.public_id)  # type: ignore[union-attr]


def go_to(address: str) -> HttpResponse:
    """What closes a dialog: its script leaves for `address`."""
    return HttpResponse(headers={"HX-Redirect": address})
