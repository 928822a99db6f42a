"""Acts in the admin: one operation for each row, and what became of each."""

from collections.abc import Callable, Iterable
from itertools import islice
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
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


def go_to(address: str) -> HttpResponse:
    """What closes a dialog: its script leaves for `address`."""
    return HttpResponse(headers={"HX-Redirect": address})
