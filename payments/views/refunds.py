"""Giving money back from the page of a payment."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from bookedbarber.accounts.roles import Permission, Role
from bookedbarber.foundation.errors import DomainError
from bookedbarber.foundation.idempotency import (
    Answer,
    KeyedRequest,
    StillInProgress,
    get_fingerprint,
)

from ..forms.refunds import RefundForm
from ..models import Payment, Refund
from ..operations.refund_requests import request_refund
from .people import get_user, permitted
from .sales import describe_detail, list_visible


@require_POST
@permitted(Permission.PAYMENT_WRITE)
def payment_refund(request: HttpRequest, payment_id: str) -> HttpResponse:
    """The key is in the form, so that a second click is the same refund."""
    if get_user(request).role == Role.CLIENT:
        raise PermissionDenied
    payment = get_object_or_404(list_visible(request), public_id=payment_id)
    form = RefundForm(request.POST, payment=payment)
    if form.is_valid() and _refund(request, payment, form):
        return redirect("payment_detail", payment_id=payment.public_id)
    context = describe_detail(request, payment, refund_form=form)
    return render(request, "payments/payment_detail.html", context)


def _refund(request: HttpRequest, payment: Payment, form: RefundForm) -> bool:
    """False: nothing was sent, and the form says why."""
    keyed = _to_keyed_request(request, form)
    try:
        request_refund(
            payment=payment,
            amount=form.amount_wanted,
            reason=form.cleaned_data["reason"],
            by=keyed.principal,
            now=timezone.now(),
            keyed=keyed,
        )
    except StillInProgress:
        # A second click: the page shows the refund that the first one is making.
        messages.info(request, "This refund is being made.")
    except DomainError as error:
        form.add_fault(error)
        return False
    return True


def _to_keyed_request(request: HttpRequest, form: RefundForm) -> KeyedRequest:
    def render_outcome(refund: Refund) -> Answer:
        return 200, {"refund_id": refund.request_id}

    return KeyedRequest(
        principal=get_user(request).public_id,
        key=f"page-{form.cleaned_data['key']}",
        fingerprint=get_fingerprint("POST", request.path, form.get_content()),
        render=render_outcome,
    )
