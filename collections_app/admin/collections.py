"""Collections: what became of them, and what an operator may decide."""

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from unfold.decorators import action
from unfold.forms import BaseDialogForm
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from bookedbarber.foundation.admin_actions import ReasonForm, act_on_one, get_actor
from bookedbarber.foundation.admin_base import ReadOnlyAdmin
from bookedbarber.foundation.admin_display import Table, list_history, money, state
from bookedbarber.foundation.admin_lists import CurrencyFilter

from ..models import PlatformCollection
from ..operations.attempts import retry_collection
from ..operations.collections import cancel_collection, waive_collection
from ..operations.payments_by_decision import pay_by_hand
from ..states import CollectionMethod
from .fee_actions import FeeActions
from .tables import link_to_page, tabulate_attempts, tabulate_lines, tabulate_postings

_METHODS = [CollectionMethod.CARD, CollectionMethod.BANK_DEBIT, CollectionMethod.PAYOUT_DEDUCTION]


class RetryForm(ReasonForm):
    """How, and why."""

    method = forms.ChoiceField(
        required=False,
        choices=[("", "Any saved one"), *((method.value, method.label) for method in _METHODS)],
        widget=UnfoldAdminSelectWidget,
    )


class PaidForm(BaseDialogForm):
    """The reference that finds the money again."""

    reference = forms.CharField(max_length=255, widget=UnfoldAdminTextInputWidget)


@admin.register(PlatformCollection)
class PlatformCollectionAdmin(FeeActions, ReadOnlyAdmin):
    list_display = (
        "public_id",
        "barber",
        "kind",
        money("amount_minor", "amount"),
        state,
        "period_end",
        "next_attempt_at",
        "attempt_count",
        "environment",
    )
    list_select_related = ("barber",)
    list_filter = ("state", "kind", CurrencyFilter, "environment")
    search_fields = ("public_id", "barber_id", "attempts__public_id", "attempts__external_id")
    search_help_text = "An exact id of the collection, an attempt, a debit or the barber"
    fields = (
        ("page", state),
        ("barber", "environment"),
        ("kind", "line_count"),
        money("amount_minor", "amount"),
        ("period_start", "period_end"),
        ("contest_until", "due_at"),
        ("noticed_at", "next_attempt_at"),
        ("attempt_count", "failure_code"),
        "failure_message",
        ("created_at", "built_by"),
        "collected_at",
    )
    actions_detail = ("retry", "mark_paid", "waive", "cancel", "late_fee")

    @admin.display(description="the barber’s page")
    def page(self, collection: PlatformCollection) -> str:
        return link_to_page(collection)

    def list_tables(self, row: PlatformCollection) -> list[Table]:
        subjects = [row.public_id, *row.attempts.values_list("public_id", flat=True)]
        return [
            tabulate_lines(row),
            tabulate_attempts(row),
            tabulate_postings(row),
            list_history(subjects),
        ]

    def has_operate_permission(self, request: HttpRequest, object_id: object = None) -> bool:
        return request.user.has_perm("collections_app.change_platformcollection")

    @action(
        description="Try again",
        permissions=["operate"],
        icon="replay",
        dialog={
            "title": "Take it now?",
            "description": "Whatever is saved is debited, unless you choose. Say why.",
            "form_class": RetryForm,
            "form_submit_text": "Take it",
        },
    )
    def retry(self, request: HttpRequest, form: RetryForm, object_id: str) -> HttpResponse:
        def retry(row: PlatformCollection) -> None:
            chosen = form.cleaned_data["method"]
            retry_collection(
                collection=row,
                method=CollectionMethod(chosen) if chosen else None,
                reason=form.cleaned_data["reason"],
                by=get_actor(request),
                now=timezone.now(),
            )

        return act_on_one(self, request, object_id, retry)

    @action(
        description="It was paid by hand",
        permissions=["operate"],
        icon="payments",
        dialog={
            "title": "Has the barber paid it to our bank?",
            "description": "All of it. The reference is what finds the money again.",
            "form_class": PaidForm,
            "form_submit_text": "Mark as paid",
        },
    )
    def mark_paid(self, request: HttpRequest, form: PaidForm, object_id: str) -> HttpResponse:
        def mark(row: PlatformCollection) -> None:
            pay_by_hand(
                collection=row,
                reference=form.cleaned_data["reference"],
                by=get_actor(request),
                now=timezone.now(),
            )

        return act_on_one(self, request, object_id, mark)

    @action(
        description="Waive",
        permissions=["operate"],
        icon="money_off",
        dialog={
            "title": "Give this collection up?",
            "description": "It is not owed any more. Say why.",
            "form_class": ReasonForm,
            "form_submit_text": "Waive",
        },
    )
    def waive(self, request: HttpRequest, form: ReasonForm, object_id: str) -> HttpResponse:
        def waive(row: PlatformCollection) -> None:
            reason = form.cleaned_data["reason"]
            waive_collection(
                collection=row, reason=reason, by=get_actor(request), now=timezone.now()
            )

        return act_on_one(self, request, object_id, waive)

    @action(
        description="Cancel",
        permissions=["operate"],
        icon="cancel",
        dialog={
            "title": "Undo this collection?",
            "description": "What it collects is outstanding again, for the next one. Say why.",
            "form_class": ReasonForm,
            "form_submit_text": "Undo it",
        },
    )
    def cancel(self, request: HttpRequest, form: ReasonForm, object_id: str) -> HttpResponse:
        def cancel(row: PlatformCollection) -> None:
            cancel_collection(
                collection=row,
                reason=form.cleaned_data["reason"],
                by=get_actor(request),
                now=timezone.now(),
            )

        return act_on_one(self, request, object_id, cancel)
