"""The operators' way of giving a payer's money back, on the page of a payment."""

from uuid import uuid4

from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from unfold.decorators import action
from unfold.widgets import UnfoldAdminTextInputWidget

from bookedbarber.foundation.admin_actions import ReasonForm, act_on_one, get_actor
from bookedbarber.foundation.idempotency import Answer, KeyedRequest, get_fingerprint

from ..models import Payment, Refund
from ..operations.refund_requests import request_refund
from ..rules.refunds import LONGEST_REASON, read_refund_amount


class RefundDialog(ReasonForm):
    """How much, and why. The key makes a second click the same refund."""

    key = forms.UUIDField(initial=uuid4, widget=forms.HiddenInput)
    amount = forms.DecimalField(
        required=False,
        help_text="Leave it empty to refund all that is left.",
        widget=UnfoldAdminTextInputWidget,
    )
    reason = forms.CharField(max_length=LONGEST_REASON, widget=UnfoldAdminTextInputWidget)


class RefundAction:
    """For the admin of payments."""

    actions_detail = ("refund",)

    def has_refund_permission(self, request: HttpRequest, object_id: object = None) -> bool:
        return request.user.has_perm("payments.add_refund")

    @action(
        description="Refund",
        permissions=["refund"],
        icon="undo",
        dialog={
            "title": "Refund this payment?",
            "description": "The money goes back the way it came; the commission shrinks with it.",
            "form_class": RefundDialog,
            "form_submit_text": "Refund",
        },
    )
    def refund(self, request: HttpRequest, form: RefundDialog, object_id: str) -> HttpResponse:
        def refund(payment: Payment) -> None:
            typed = form.cleaned_data
            keyed = _to_keyed_request(request, form)
            request_refund(
                payment=payment,
                amount=read_refund_amount(typed["amount"], None, payment.currency),
                reason=typed["reason"],
                by=keyed.principal,
                now=timezone.now(),
                keyed=keyed,
            )

        return act_on_one(self, request, object_id, refund)


def _to_keyed_request(request: HttpRequest, form: RefundDialog) -> KeyedRequest:
    def render_outcome(refund: Refund) -> Answer:
        return 200, {"refund_id": refund.request_id}

    typed = {name: str(form.cleaned_data[name]) for name in ("amount", "reason")}
    return KeyedRequest(
        principal=get_actor(request),
        key=f"admin-{form.cleaned_data['key']}",
        fingerprint=get_fingerprint("POST", request.path, typed),
        render=render_outcome,
    )
