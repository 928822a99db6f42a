"""The one plain page of saved payment methods: consent, what is saved, letting go of it."""

from django.conf import settings
from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from bookedbarber.accounts.roles import Permission
from bookedbarber.foundation.errors import DomainError
from payments.forms.faults import add_fault
from payments.views.people import get_own_barber, get_user, permitted

from ..forms.mandates import ConsentForm
from ..models import Mandate
from ..operations.mandates import confirm_setups, start_setup, withdraw_mandate
from ..rules.consents import write_consent


@require_http_methods(["GET", "HEAD", "POST"])
@permitted(Permission.COLLECTION_WRITE)
def mandate_list(request: HttpRequest) -> HttpResponse:
    """What is saved, and the consent; who agrees goes on to the processor's own page."""
    form = ConsentForm(request.POST or None)
    if form.is_valid():
        try:
            return redirect(_start(request, form.cleaned_data["version"]))
        except DomainError as error:
            add_fault(form, error)
    context = {
        "form": form,
        "mandates": _list_own(request),
        "consent": write_consent(notice_days=settings.COLLECTION_NOTICE_DAYS),
    }
    return render(request, "collections_app/mandate_list.html", context)


@require_safe
@permitted(Permission.COLLECTION_WRITE)
def mandate_saved(request: HttpRequest) -> HttpResponse:
    """Where the processor sends the barber back to."""
    by = get_user(request).public_id
    mandate = confirm_setups(barber=get_own_barber(request), by=by, now=timezone.now())
    if mandate is None:
        messages.warning(request, "Nothing is saved yet. It may take a moment to show here.")
    else:
        messages.success(request, f"Saved. It ends in {mandate.last4} and is debited from now on.")
    return redirect("mandate_list")


@require_POST
@permitted(Permission.COLLECTION_WRITE)
def mandate_withdraw(request: HttpRequest, mandate_id: str) -> HttpResponse:
    mandate = get_object_or_404(_list_own(request), public_id=mandate_id)
    try:
        withdraw_mandate(mandate=mandate, by=get_user(request).public_id, now=timezone.now())
    except DomainError as error:
        messages.error(request, f"{error.message}.")
    else:
        messages.success(request, "It is debited no more. What is under way ends as it is.")
    return redirect("mandate_list")


def _start(request: HttpRequest, accepted_version: str) -> str:
    """The address of the processor's page."""
    page = start_setup(
        barber=get_own_barber(request),
        accepted_version=accepted_version,
        accepted_from=str(request.META.get("REMOTE_ADDR", "")),
        success_url=settings.PUBLIC_URL + reverse("mandate_saved"),
        cancel_url=settings.PUBLIC_URL + reverse("mandate_list"),
        by=get_user(request).public_id,
        now=timezone.now(),
    )
    return page.url


def _list_own(request: HttpRequest) -> QuerySet[Mandate]:
    own = Mandate.objects.live().filter(barber=get_own_barber(request))
    return own.filter(environment=settings.ENVIRONMENT).order_by("-pk")
