"""Fee schedules. Connections, whose acts change a barber's routing, are in payments' admin."""

from django.contrib import admin

from bookedbarber.foundation.admin_base import ReadOnlyAdmin
from bookedbarber.foundation.admin_display import percent
from bookedbarber.foundation.admin_lists import choice_filter

from .models import AuthorizationAttempt, FeeSchedule
from .registry import ADAPTERS

ProcessorFilter = choice_filter("processor", "processor", lambda: sorted(ADAPTERS))


@admin.register(FeeSchedule)
class FeeScheduleAdmin(ReadOnlyAdmin):
    list_display = (
        "processor",
        "effective_at",
        percent("percent", "percent"),
        "fixed_minor",
        "source",
    )
    list_filter = (ProcessorFilter,)
    search_fields = ("processor",)
    fields = (
        "processor",
        "effective_at",
        (percent("percent", "percent"), "fixed_minor"),
        "source",
        "created_at",
    )


@admin.register(AuthorizationAttempt)
class AuthorizationAttemptAdmin(ReadOnlyAdmin):
    """The state that is good for a return is nowhere, its digest is no use to anybody."""

    list_display = ("connection", "started_by", "created_at", "expires_at", "used_at")
    list_select_related = ("connection",)
    search_fields = ("connection__public_id", "started_by")
    fields = (
        "connection",
        "started_by",
        ("created_at", "expires_at"),
        "used_at",
        "redirect_url",
    )
