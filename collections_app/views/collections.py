"""What the platform collects from a barber: a list, and each collection down to its sales."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from bookedbarber.accounts.roles import Permission, Role
from bookedbarber.foundation.errors import DomainError
from bookedbarber.foundation.pages import take_newest, take_oldest
from payments.forms.faults import add_fault
from payments.views.people import get_own_barber, get_user, permitted

from ..forms.collections import ContestForm
from ..models import CollectionLine, Mandate, PlatformCollection
from ..operations.attempts import pay_collection
from ..operations.claims import NotToBePaid
from ..operations.contests import contest_line
from ..queries.descriptions import AttemptRow, CollectionRow, LineRow
from ..queries.lines import describe_lines
from ..queries.positions import get_positions

PER_PAGE = 50
LINES_PER_PAGE = 200


@require_safe
@permitted(Permission.COLLECTION_READ)
def collection_list(request: HttpRequest) -> HttpResponse:
    """Newest first; `?before=col_…` shows those before that collection."""
    user = get_user(request)
    part = take_newest(request, _list_visible(request), at_most=PER_PAGE)
    now = timezone.now()
    context = {
        "part": part,
        "rows": [CollectionRow(collection, now) for collection in part.rows],
        "positions": get_positions(user, environment=settings.ENVIRONMENT),
        "mandates": _list_mandates(request),
        "is_own": user.role == Role.BARBER,
    }
    return render(request, "collections_app/collection_list.html", context)


@require_safe
@permitted(Permission.COLLECTION_READ)
def collection_detail(request: HttpRequest, collection_id: str) -> HttpResponse:
    collection = get_object_or_404(_list_visible(request), public_id=collection_id)
    return render(request, "collections_app/collection_detail.html", _describe(request, collection))


@require_POST
@permitted(Permission.COLLECTION_WRITE)
def collection_contest(request: HttpRequest, collection_id: str) -> HttpResponse:
    collection = _get_own(request, collection_id)
    form = ContestForm(request.POST)
    if form.is_valid():
        lines = CollectionLine.objects.filter(collection=collection)
        line = get_object_or_404(lines, pk=form.cleaned_data["line_id"])
        try:
            contest_line(
                line=line,
                reason=form.cleaned_data["reason"],
                by=get_user(request).public_id,
                now=timezone.now(),
            )
        except DomainError as error:
            add_fault(form, error)
        else:
            messages.success(request, "The line is contested. The rest goes on without it.")
            # The part of the lines that the person was looking at.
            path = reverse("collection_detail", args=[collection.public_id], query=request.GET)
            return redirect(path)
    context = _describe(request, collection, contest_form=form)
    return render(request, "collections_app/collection_detail.html", context)


@require_POST
@permitted(Permission.COLLECTION_WRITE)
def collection_pay(request: HttpRequest, collection_id: str) -> HttpResponse:
    """A second click is the same payment: a collection has one live attempt at most."""
    collection = _get_own(request, collection_id)
    try:
        pay_collection(collection=collection, by=get_user(request).public_id, now=timezone.now())
    except NotToBePaid as error:
        messages.info(request, f"{error.message} already.")
    except DomainError as error:
        messages.error(request, f"{error.message}.")
    else:
        messages.success(request, "It is being collected.")
    return redirect("collection_detail", collection_id=collection.public_id)


def _describe(
    request: HttpRequest, collection: PlatformCollection, contest_form: ContestForm | None = None
) -> dict[str, Any]:
    lines = CollectionLine.objects.filter(collection=collection).with_facts()
    part = take_oldest(request, lines, at_most=LINES_PER_PAGE)
    is_own = get_user(request).role == Role.BARBER
    return {
        "row": CollectionRow(collection, timezone.now()),
        "part": part,
        "lines": [LineRow(line) for line in describe_lines(part.rows)],
        "attempts": [AttemptRow(one) for one in collection.attempts.order_by("number")],
        "mandates": _list_mandates(request),
        "is_own": is_own,
        "contest_form": contest_form or ContestForm(),
    }


def _list_mandates(request: HttpRequest) -> list[Mandate]:
    """The person's own that are in force, the one that is used first."""
    own = Mandate.objects.filter(barber__user=get_user(request), environment=settings.ENVIRONMENT)
    return list(own.live().order_by("-pk"))


def _list_visible(request: HttpRequest) -> QuerySet[PlatformCollection]:
    visible = PlatformCollection.objects.visible_to(get_user(request))
    return visible.filter(environment=settings.ENVIRONMENT).select_related("barber")


def _get_own(request: HttpRequest, collection_id: str) -> PlatformCollection:
    """Seeing a collection is not enough to act on it: it must be the person's own."""
    own = _list_visible(request).filter(barber=get_own_barber(request))
    return get_object_or_404(own, public_id=collection_id)
