"""The operators' way of saying whose money on the platform's account it was."""

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from unfold.decorators import action

from bookedbarber.foundation.admin_actions import act_on_one, get_actor

from ..models import ExternalTransaction
from ..operations.explanations import explain_movement
from .link_forms import ExplainForm


class ExplainAction:
    """For the admin of movements."""

    actions_detail = ("explain",)

    def has_explain_permission(self, request: HttpRequest, object_id: object = None) -> bool:
        return request.user.has_perm("payments.change_discrepancy")

    @action(
        description="Explain",
        permissions=["explain"],
        icon="help",
        dialog={
            "title": "Whose money was it?",
            "description": "A charge without a reference becomes a sale of this barber, on the"
            " terms of its day, a transfer a payout to him; what is about it comes with it.",
            "form_class": ExplainForm,
            "form_submit_text": "Explain",
        },
    )
    def explain(self, request: HttpRequest, form: ExplainForm, object_id: str) -> HttpResponse:
        def explain(row: ExternalTransaction) -> None:
            explain_movement(
                movement=row,
                barber=form.cleaned_data["barber"],
                reason=form.cleaned_data["reason"],
                by=get_actor(request),
                now=timezone.now(),
            )

        return act_on_one(self, request, object_id, explain)
