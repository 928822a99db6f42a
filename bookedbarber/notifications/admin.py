"""What people were told by mail, and what could not be delivered."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from bookedbarber.foundation.admin_actions import run_on_each
from bookedbarber.foundation.admin_base import ReadOnlyAdmin
from bookedbarber.foundation.admin_display import Table, list_history, state

from .models import OutgoingMail
from .operations.mails import send_again


@admin.register(OutgoingMail)
class OutgoingMailAdmin(ReadOnlyAdmin):
    list_display = ("id", "to", "template", state, "tries", "created_at", "sent_at")
    list_filter = ("state",)
    search_fields = ("id", "key", "to")
    search_help_text = "An exact id, key or address"
    fields = (
        ("to", state),
        ("key", "template"),
        "subject_line",
        "text",
        ("created_at", "sent_at"),
        ("tries", "next_try_at", "give_up_at"),
        "error",
    )
    actions = ("send_selected_again",)

    def list_tables(self, row: OutgoingMail) -> list[Table]:
        return [list_history([row.subject])]

    def has_operate_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("notifications.change_outgoingmail")

    @admin.action(description="Send again", permissions=["operate"])
    def send_selected_again(self, request: HttpRequest, mails: QuerySet[OutgoingMail]) -> None:
        by = request.user.public_id  # type: ignore[union-attr]
        run_on_each(request, mails, lambda row: send_again(mail=row, by=by, now=timezone.now()))
