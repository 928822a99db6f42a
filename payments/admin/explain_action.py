"""The operators' way of saying whose money on the platform's account it was."""

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from unfold.decorators import action

from bookedbarber.foundation.admin_actions import go_to, run_on_each

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
        found: ExternalTransaction | None = self.get_object(request, object_id)  # type: ignore[attr-defined]
        if found is None:
            raise Http404

        def explain(row: ExternalTransaction) -> None:
            explain_movement(
                movement=row,
                barber=form.cleaned_data["barber"],
                reason=form.cleaned_data["reason"],
                by=request.user.public_id,  # type: ignore[union-attr]
                now=timezone.now(),
            )

        run_on_each(request, [found], explain)
        return go_to(reverse("admin:payments_externaltransaction_change", args=[found.pk]))
