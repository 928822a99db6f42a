"""What a person must look at, and settle with a reason."""

from django.contrib import admin
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from unfold.decorators import action

from bookedbarber.foundation.admin_actions import ReasonForm, go_to, run_on_each
from bookedbarber.foundation.admin_base import ReadOnlyAdmin
from bookedbarber.foundation.admin_display import Table, list_history, state

from ..models import Discrepancy
from ..operations.discrepancies import resolve_discrepancy


@admin.register(Discrepancy)
class DiscrepancyAdmin(ReadOnlyAdmin):
    list_display = ("public_id", "kind", state, "connection", "leg", "opened_at")
    list_select_related = ("connection", "leg")
    list_filter = ("state", "kind")
    search_fields = ("public_id", "leg__public_id")
    search_help_text = "An exact id of the discrepancy or the leg"
    fields = (
        ("public_id", "kind", state),
        ("connection", "leg", "transaction"),
        "payout",
        "explanation",
        ("opened_at", "resolved_at"),
    )
    actions_detail = ("resolve",)

    def list_tables(self, row: Discrepancy) -> list[Table]:
        return [list_history([row.public_id])]

    def has_operate_permission(self, request: HttpRequest, object_id: object = None) -> bool:
        return request.user.has_perm("payments.change_discrepancy")

    @action(
        description="Resolve",
        permissions=["operate"],
        icon="task_alt",
        dialog={
            "title": "Is this settled?",
            "description": "Say how: refunded at the processor, linked, or found to be harmless.",
            "form_class": ReasonForm,
            "form_submit_text": "Resolve",
        },
    )
    def resolve(self, request: HttpRequest, form: ReasonForm, object_id: str) -> HttpResponse:
        found: Discrepancy | None = self.get_object(request, object_id)
        if found is None:
            raise Http404

        def resolve(row: Discrepancy) -> None:
            resolve_discrepancy(
                discrepancy=row,
                reason=form.cleaned_data["reason"],
                by=request.user.public_id,  # type: ignore[union-attr]
                now=timezone.now(),
            )

        run_on_each(request, [found], resolve)
        return go_to(reverse("admin:payments_discrepancy_change", args=[found.pk]))
