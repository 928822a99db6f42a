"""What a person must look at, and settle with a reason or by one of its fixes."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from unfold.decorators import action

from bookedbarber.foundation.admin_actions import (
    ConfirmForm,
    ReasonForm,
    act_on_one,
    get_actor,
    run_on_each,
)
from bookedbarber.foundation.admin_base import ReadOnlyAdmin
from bookedbarber.foundation.admin_display import Table, list_history, state
from bookedbarber.foundation.money import Money

from ..models import Discrepancy
from ..operations.difference_fixes import settle_discrepancy
from ..operations.discrepancies import resolve_discrepancy
from ..states import Fix
from .link_forms import LinkForm

_SIDES = ("amount_minor", "tip_minor", "fee_minor", "currency", "state")


def tabulate_sides(row: Discrepancy) -> Table:
    """Both sides' figures, one beside the other."""
    sides = [("Here", row.ours), ("At the processor", row.theirs)]
    return Table(
        "Both sides",
        ["Side", "Amount", "Tip", "Fee", "State"],
        [[name, *_describe(side)] for name, side in sides],
    )


def _describe(side: dict[str, Any] | None) -> list[object]:
    if side is None:
        return ["nothing", "–", "–", "–"]
    currency = side["currency"]
    minors = [side[name] for name in ("amount_minor", "tip_minor", "fee_minor")]
    shown = ["not known" if minor is None else Money(minor, currency) for minor in minors]
    return [*shown, side["state"] or "gone"]


@admin.register(Discrepancy)
class DiscrepancyAdmin(ReadOnlyAdmin):
    list_display = (
        "public_id",
        "kind",
        state,
        "is_urgent",
        "connection",
        "external_id",
        "leg",
        "suggested",
        "opened_at",
    )
    list_select_related = ("connection", "leg")
    list_filter = ("state", "is_urgent", "kind")
    search_fields = ("public_id", "leg__public_id", "external_id")
    search_help_text = "An exact id of the discrepancy, the leg or the processor's object"
    fields = (
        ("public_id", "kind", state),
        ("connection", "leg", "transaction"),
        ("payout", "twin"),
        ("external_id", "is_urgent"),
        "explanation",
        ("suggested", "fix"),
        ("occurred_at", "opened_at", "resolved_at"),
    )
    actions = ("accept_selected", "create_selected")
    actions_detail = (
        "accept_theirs",
        "create",
        "link",
        "refund_one",
        "refund_it",
        "ignore",
        "resolve",
    )

    def list_tables(self, row: Discrepancy) -> list[Table]:
        sides = [tabulate_sides(row)] if row.external_id else []
        return [*sides, list_history([row.public_id])]

    def has_operate_permission(self, request: HttpRequest, object_id: object = None) -> bool:
        return request.user.has_perm("payments.change_discrepancy")

    def has_refund_permission(self, request: HttpRequest, object_id: object = None) -> bool:
        return self.has_operate_permission(request) and request.user.has_perm("payments.add_refund")

    @admin.display(description="suggested fixes")
    def suggested(self, row: Discrepancy) -> str:
        return ", ".join(fix.replace("_", " ") for fix in row.fixes) or "–"

    @action(description="Accept the processor’s word", permissions=["operate"])
    def accept_selected(self, request: HttpRequest, rows: Any) -> None:
        run_on_each(request, rows, _settle_as(request, Fix.ACCEPT_THEIRS))

    @action(description="Record what is missing here", permissions=["operate"])
    def create_selected(self, request: HttpRequest, rows: Any) -> None:
        run_on_each(request, rows, _settle_as(request, Fix.CREATE))

    @action(
        description="Accept theirs",
        permissions=["operate"],
        icon="done_all",
        dialog={
            "title": "Take the processor’s word over?",
            "description": "The movement stays as it was recorded; what it has too much is taken "
            "back and what is missing is added by movements of their own, commission included.",
            "form_class": ConfirmForm,
            "form_submit_text": "Accept",
        },
    )
    def accept_theirs(
        self, request: HttpRequest, form: ConfirmForm, object_id: str
    ) -> HttpResponse:
        return act_on_one(self, request, object_id, _settle_as(request, Fix.ACCEPT_THEIRS))

    @action(
        description="Create",
        permissions=["operate"],
        icon="add_circle",
        dialog={
            "title": "Record it here?",
            "description": "As the processor lists it, or says when it is asked, with commission"
            " and postings.",
            "form_class": ConfirmForm,
            "form_submit_text": "Record",
        },
    )
    def create(self, request: HttpRequest, form: ConfirmForm, object_id: str) -> HttpResponse:
        return act_on_one(self, request, object_id, _settle_as(request, Fix.CREATE))

    @action(
        description="Link",
        permissions=["operate"],
        icon="link",
        dialog={
            "title": "Which sale was it?",
            "description": "It is recorded as the money of this payment of ours, or on the platform"
            "’s account as a sale of this barber, on the terms of that day.",
            "form_class": LinkForm,
            "form_submit_text": "Link",
        },
    )
    def link(self, request: HttpRequest, form: LinkForm, object_id: str) -> HttpResponse:
        typed = {name: form.cleaned_data[name] for name in ("barber", "leg", "reason")}
        act = _settle_as(request, Fix.LINK, **typed)
        return act_on_one(self, request, object_id, act)

    @action(
        description="Refund one",
        permissions=["refund"],
        icon="undo",
        dialog={
            "title": "Give the later sale back?",
            "description": "All of it is refunded to the payer at the processor.",
            "form_class": ConfirmForm,
            "form_submit_text": "Refund",
        },
    )
    def refund_one(self, request: HttpRequest, form: ConfirmForm, object_id: str) -> HttpResponse:
        return act_on_one(self, request, object_id, _settle_as(request, Fix.REFUND_ONE))

    @action(
        description="Refund it",
        permissions=["refund"],
        icon="undo",
        dialog={
            "title": "Give this money back?",
            "description": "What is left of it is refunded to the payer at the processor.",
            "form_class": ConfirmForm,
            "form_submit_text": "Refund",
        },
    )
    def refund_it(self, request: HttpRequest, form: ConfirmForm, object_id: str) -> HttpResponse:
        return act_on_one(self, request, object_id, _settle_as(request, Fix.REFUND_IT))

    @action(
        description="Ignore",
        permissions=["operate"],
        icon="visibility_off",
        dialog={
            "title": "Leave it as it is?",
            "description": "It is not opened again while its figures stay as they are.",
            "form_class": ReasonForm,
            "form_submit_text": "Ignore",
        },
    )
    def ignore(self, request: HttpRequest, form: ReasonForm, object_id: str) -> HttpResponse:
        act = _settle_as(request, Fix.IGNORE, reason=form.cleaned_data["reason"])
        return act_on_one(self, request, object_id, act)

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
        def resolve(row: Discrepancy) -> None:
            resolve_discrepancy(
                discrepancy=row,
                reason=form.cleaned_data["reason"],
                by=get_actor(request),
                now=timezone.now(),
            )

        return act_on_one(self, request, object_id, resolve)


def _settle_as(
    request: HttpRequest, fix: Fix, **options: Any
) -> Callable[[Discrepancy], Discrepancy]:
    def settle(row: Discrepancy) -> Discrepancy:
        return settle_discrepancy(
            discrepancy=row,
            fix=fix,
            by=get_actor(request),
            now=timezone.now(),
            **options,
        )

    return settle
