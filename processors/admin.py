"""Fee schedules and webhooks. Connections, whose acts change routing, are in payments' admin."""

import json

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from unfold.decorators import action

from bookedbarber.foundation.admin_actions import (
    ConfirmForm,
    ReasonForm,
    act_on_one,
    get_actor,
    go_to,
    run_on_each,
)
from bookedbarber.foundation.admin_base import ReadOnlyAdmin
from bookedbarber.foundation.admin_display import Table, as_json, list_history, percent, state
from bookedbarber.foundation.admin_lists import choice_filter

from .models import AuthorizationAttempt, FeeSchedule, WebhookDoor, WebhookEvent
from .operations.webhook_doors import retire_old_secrets
from .operations.webhook_replay import replay_event, replay_events
from .registry import ADAPTERS
from .states import WebhookState
from .transport.answers import mask

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


@admin.register(WebhookDoor)
class WebhookDoorAdmin(ReadOnlyAdmin):
    """Secrets are no field of any page."""

    list_display = (
        "processor",
        "connection",
        "configured",
        "refused_count",
        "last_refused_at",
        "environment",
    )
    list_select_related = ("connection",)
    list_filter = (ProcessorFilter, "environment")
    search_fields = ("connection__public_id", "connection__account_id")
    search_help_text = "An exact id of the connection or the account"
    fields = (
        ("processor", "environment"),
        ("connection", "configured"),
        "secret_added_at",
        ("refused_count", "last_refused_at"),
        "last_refusal",
    )
    actions_detail = ("retire_secrets",)

    def has_operate_permission(self, request: HttpRequest, object_id: object = None) -> bool:
        return request.user.has_perm("processors.change_webhookdoor")

    def list_tables(self, row: WebhookDoor) -> list[Table]:
        return [list_history([row.subject])]

    @admin.display(description="has a secret", boolean=True)
    def configured(self, door: WebhookDoor) -> bool:
        return door.sealed_secrets is not None

    @action(
        description="Retire the old secrets",
        permissions=["operate"],
        icon="key_off",
        dialog={
            "title": "Accept only the newest secret?",
            "description": "Events signed with an older one are refused from now on.",
            "form_class": ConfirmForm,
            "form_submit_text": "Retire",
        },
    )
    def retire_secrets(
        self, request: HttpRequest, form: ConfirmForm, object_id: str
    ) -> HttpResponse:
        by = get_actor(request)
        return act_on_one(self, request, object_id, lambda row: retire_old_secrets(door=row, by=by))


@admin.register(WebhookEvent)
class WebhookEventAdmin(ReadOnlyAdmin):
    """The inbox. What was given up, ignored or waits can be taken up again."""

    list_display = (
        "event_id",
        "type",
        "connection",
        state,
        "explanation",
        "tries",
        "next_try_at",
        "received_at",
    )
    list_select_related = ("connection",)
    list_filter = ("state", choice_filter("processor", "door__processor", lambda: sorted(ADAPTERS)))
    search_fields = ("event_id", "object_id", "waits_for", "connection__public_id")
    search_help_text = "An exact id of the event, its object, or the connection"
    fields = (
        ("event_id", "type", state),
        ("door", "connection", "account_id"),
        ("object_id", "occurred_at", "received_at"),
        ("explanation", "waits_for"),
        ("tries", "next_try_at", "give_up_at"),
        ("handled_at", "error"),
        "shown_body",
    )
    actions = ("replay_selected",)
    actions_detail = ("replay",)
    actions_list = ("replay_given_up",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[WebhookEvent]:
        rows: QuerySet[WebhookEvent] = super().get_queryset(request)
        return rows.defer("body")

    def has_operate_permission(self, request: HttpRequest, object_id: object = None) -> bool:
        return request.user.has_perm("processors.change_webhookevent")

    def list_tables(self, row: WebhookEvent) -> list[Table]:
        return [list_history([row.subject])]

    @admin.display(description="as it came")
    def shown_body(self, event: WebhookEvent) -> str:
        return "forgotten" if event.body is None else as_json(mask(json.loads(bytes(event.body))))

    @action(description="Take up again", permissions=["operate"])
    def replay_selected(self, request: HttpRequest, events: QuerySet[WebhookEvent]) -> None:
        by = get_actor(request)
        run_on_each(request, events, lambda row: replay_event(event=row, by=by, now=timezone.now()))

    @action(
        description="Take up again",
        permissions=["operate"],
        icon="replay",
        dialog={
            "title": "Handle this event again?",
            "description": "What it says is looked at as if it had just come.",
            "form_class": ReasonForm,
            "form_submit_text": "Take up",
        },
    )
    def replay(self, request: HttpRequest, form: ReasonForm, object_id: str) -> HttpResponse:
        def replay(row: WebhookEvent) -> None:
            replay_event(
                event=row,
                reason=form.cleaned_data["reason"],
                by=get_actor(request),
                now=timezone.now(),
            )

        return act_on_one(self, request, object_id, replay)

    @action(
        description="Take up all that were given up",
        permissions=["operate"],
        icon="replay",
        dialog={
            "title": "Handle again all events that were given up?",
            "description": "Each is looked at as if it had just come.",
            "form_class": ReasonForm,
            "form_submit_text": "Take up",
        },
    )
    def replay_given_up(self, request: HttpRequest, form: ReasonForm) -> HttpResponse:
        replayed = replay_events(
            events=WebhookEvent.objects.filter(state=WebhookState.DEAD),
            reason=form.cleaned_data["reason"],
            by=get_actor(request),
            now=timezone.now(),
        )
        messages.success(request, f"Done: {replayed}.")
        return go_to(reverse("admin:processors_webhookevent_changelist"))
