"""Lines of collections: those that are contested wait for a decision here."""

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from unfold.decorators import action

from bookedbarber.foundation.admin_actions import ReasonForm, act_on_one, get_actor
from bookedbarber.foundation.admin_base import ReadOnlyAdmin
from bookedbarber.foundation.admin_display import Table, list_history, state

from ..models import CollectionLine
from ..operations.contests import reject_contest, uphold_contest
from .fee_actions import AdjustmentAction


@admin.register(CollectionLine)
class CollectionLineAdmin(AdjustmentAction, ReadOnlyAdmin):
    list_display = ("id", "collection", "accrual", "amount", state, "contest_reason", "decision")
    list_select_related = ("collection", "accrual")
    list_filter = ("state",)
    search_fields = ("id", "collection__public_id", "accrual_id")
    search_help_text = "An exact id of the line, its collection or its accrual"
    fields = (
        ("collection", state),
        "accrual",
        "amount",
        "contest_reason",
        ("contested_by", "contested_at"),
        ("decision", "decided_at"),
    )
    actions_detail = ("uphold", "reject", "adjust")

    @admin.display(description="amount")
    def amount(self, line: CollectionLine) -> str:
        return str(line.amount)

    def list_tables(self, row: CollectionLine) -> list[Table]:
        return [list_history([row.subject, row.collection.public_id])]

    def has_operate_permission(self, request: HttpRequest, object_id: object = None) -> bool:
        return request.user.has_perm("collections_app.change_collectionline")

    @action(
        description="Uphold the contest",
        permissions=["operate"],
        icon="thumb_up",
        dialog={
            "title": "Is the barber right?",
            "description": "The line is taken back by an adjustment. Say why.",
            "form_class": ReasonForm,
            "form_submit_text": "Uphold",
        },
    )
    def uphold(self, request: HttpRequest, form: ReasonForm, object_id: str) -> HttpResponse:
        def uphold(row: CollectionLine) -> None:
            reason = form.cleaned_data["reason"]
            uphold_contest(line=row, reason=reason, by=get_actor(request), now=timezone.now())

        return act_on_one(self, request, object_id, uphold)

    @action(
        description="Reject the contest",
        permissions=["operate"],
        icon="thumb_down",
        dialog={
            "title": "Is the line right?",
            "description": "It is outstanding again, for the next collection. Say why.",
            "form_class": ReasonForm,
            "form_submit_text": "Reject",
        },
    )
    def reject(self, request: HttpRequest, form: ReasonForm, object_id: str) -> HttpResponse:
        def reject(row: CollectionLine) -> None:
            reason = form.cleaned_data["reason"]
            reject_contest(line=row, reason=reason, by=get_actor(request), now=timezone.now())

        return act_on_one(self, request, object_id, reject)
