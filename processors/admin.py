"""Fee schedules. Connections, whose acts change a barber's routing, are in payments' admin."""

from django.contrib import admin

from bookedbarber.foundation.admin_base import ReadOnlyAdmin
from bookedbarber.foundation.admin_display import percent
from bookedbarber.foundation.admin_lists import choice_filter

from .models import FeeSchedule
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
