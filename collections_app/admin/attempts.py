"""Attempts to take collections."""

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from unfold.decorators import action

from bookedbarber.foundation.admin_actions import ConfirmForm, act_on_one, get_actor
from bookedbarber.foundation.admin_base import ReadOnlyAdmin
from bookedbarber.foundation.admin_display import Table, list_history, money, state

from ..models import CollectionAttempt
from ..operations.unknown_attempts import ask_again


@admin.register(CollectionAttempt)
class CollectionAttemptAdmin(ReadOnlyAdmin):
    list_display = (
        "public_id",
        "collection",
        "method",
        money("amount_minor", "amount"),
        state,
        "failure_class",
        "created_at",
    )
    list_select_related = ("collection",)
    list_filter = ("state", "method", "failure_class")
    search_fields = ("public_id", "collection__public_id", "external_id")
    search_help_text = "An exact id of the attempt, the collection or the debit"
    fields = (
        ("public_id", state),
        ("collection", "number"),
        ("method", money("amount_minor", "amount")),
        ("mandate", "connection"),
        ("external_id", "reference"),
        ("created_at", "settled_at"),
        ("by", "reason"),
        ("lease_until", "next_check_at"),
        ("checks", "is_unanswered"),
        ("failure_class", "failure_code"),
        "failure_message",
    )
    actions_detail = ("ask_now",)

    def list_tables(self, row: CollectionAttempt) -> list[Table]:
        return [list_history([row.public_id])]

    def has_operate_permission(self, request: HttpRequest, object_id: object = None) -> bool:
        return request.user.has_perm("collections_app.change_collectionattempt")

    @action(
        description="Ask again",
        permissions=["operate"],
        icon="contact_support",
        dialog={
            "title": "Ask the processor now?",
            "description": "What it says of the debit settles the attempt.",
            "form_class": ConfirmForm,
            "form_submit_text": "Ask",
        },
    )
    def ask_now(self, request: HttpRequest, form: ConfirmForm, object_id: str) -> HttpResponse:
        def ask(row: CollectionAttempt) -> None:
            ask_again(attempt=row, by=get_actor(request), now=timezone.now())

        return act_on_one(self, request, object_id, ask)
