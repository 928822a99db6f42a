"""What barbers are paid out: to where, what for, and what became of it."""

from collections.abc import Sequence

from django import forms
from django.contrib import admin, messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from unfold.decorators import action
from unfold.forms import BaseDialogForm
from unfold.widgets import UnfoldAdminIntegerFieldWidget, UnfoldAdminTextInputWidget

from bookedbarber.accounts.models import Barber
from bookedbarber.foundation.admin_actions import (
    ConfirmForm,
    ReasonForm,
    act_on_one,
    get_actor,
    go_to,
    run_on_each,
)
from bookedbarber.foundation.admin_base import ReadOnlyAdmin
from bookedbarber.foundation.admin_display import Table, list_history, money, state
from bookedbarber.foundation.admin_lists import CurrencyFilter
from bookedbarber.foundation.errors import DomainError
from processors.models import Connection

from ..models import Payout, PayoutDestination, PayoutLine
from ..operations.payout_destinations import check_destination, set_payout_destination
from ..operations.payout_unknowns import ask_again, close_unmade_payout
from ..operations.payouts import pay_out
from .payout_tables import tabulate_payables, tabulate_payout_lines, tabulate_transfers


class DestinationForm(BaseDialogForm):
    """Whom to pay, and to which account."""

    barber_id = forms.IntegerField(
        label="Barber’s id", min_value=1, widget=UnfoldAdminIntegerFieldWidget
    )
    account_id = forms.CharField(
        label="Stripe account, such as acct_1PgafTB7WZ01zgkW",
        max_length=100,
        widget=UnfoldAdminTextInputWidget,
    )


@admin.register(Payout)
class PayoutAdmin(ReadOnlyAdmin):
    list_display = (
        "public_id",
        "barber",
        money("amount_minor", "amount"),
        money("reversed_minor", "came back"),
        state,
        "bank_state",
        "environment",
        "created_at",
    )
    list_select_related = ("barber",)
    list_filter = ("state", "bank_state", CurrencyFilter, "environment")
    search_fields = ("public_id", "barber_id")
    search_help_text = "An exact id of the payout, the transfer or the barber"
    fields = (
        ("public_id", state),
        ("barber", "environment"),
        ("connection", "destination"),
        (money("amount_minor", "amount"), money("reversed_minor", "came back")),
        ("external_id", "destination_payment"),
        ("bank_state", "bank_message"),
        ("failure_kind", "failure_code"),
        "failure_message",
        ("created_at", "created_by"),
        ("paid_at", "lease_until"),
        ("next_check_at", "checks"),
    )
    actions_list = ("create_now",)
    actions_detail = ("ask_now", "close_unmade")

    def get_exact_conditions(self, term: str) -> Sequence[Q]:
        at_processor = Q(connection_id__in=Connection.objects.values("pk"), external_id=term)
        return [*super().get_exact_conditions(term), at_processor]

    def list_tables(self, row: Payout) -> list[Table]:
        return [
            tabulate_payout_lines(row),
            tabulate_transfers(row),
            list_history([row.public_id]),
        ]

    def has_operate_permission(self, request: HttpRequest, object_id: object = None) -> bool:
        return request.user.has_perm("payments.change_payout")

    @action(
        description="Pay out now",
        permissions=["operate"],
        icon="payments",
        dialog={
            "title": "Pay out now?",
            "description": "Every barber gets what can be paid now, as the daily job does.",
            "form_class": ConfirmForm,
            "form_submit_text": "Pay out",
        },
    )
    def create_now(self, request: HttpRequest, form: ConfirmForm) -> HttpResponse:
        made = pay_out(by=get_actor(request), now=timezone.now())
        messages.success(request, f"Payouts made: {len(made)}.")
        return go_to(reverse("admin:payments_payout_changelist"))

    @action(
        description="Ask again",
        permissions=["operate"],
        icon="contact_support",
        dialog={
            "title": "Ask the processor now?",
            "description": "What it says of the transfer settles the payout.",
            "form_class": ConfirmForm,
            "form_submit_text": "Ask",
        },
    )
    def ask_now(self, request: HttpRequest, form: ConfirmForm, object_id: str) -> HttpResponse:
        def ask(row: Payout) -> None:
            ask_again(payout=row, by=get_actor(request), now=timezone.now())

        return act_on_one(self, request, object_id, ask)

    @action(
        description="It was never made",
        permissions=["operate"],
        icon="money_off",
        dialog={
            "title": "Was this payout never made?",
            "description": "Only after looking for it at the processor: its lines are paid again "
            "with the next payout. Say where you looked.",
            "form_class": ReasonForm,
            "form_submit_text": "Close it",
        },
    )
    def close_unmade(self, request: HttpRequest, form: ReasonForm, object_id: str) -> HttpResponse:
        def close(row: Payout) -> None:
            close_unmade_payout(
                payout=row,
                reason=form.cleaned_data["reason"],
                by=get_actor(request),
                now=timezone.now(),
            )

        return act_on_one(self, request, object_id, close)


@admin.register(PayoutLine)
class PayoutLineAdmin(ReadOnlyAdmin):
    list_display = (
        "id",
        "payout",
        "kind",
        money("amount_minor", "amount"),
        money("withheld_minor", "withheld"),
        "released_at",
    )
    list_select_related = ("payout",)
    search_fields = ("id", "payout__public_id", "entry_id")
    search_help_text = "An exact id of the line, its payout or its ledger entry"
    fields = (
        ("payout", "kind"),
        ("entry", "movement"),
        (money("amount_minor", "amount"), money("withheld_minor", "withheld")),
        "released_at",
    )


@admin.register(PayoutDestination)
class PayoutDestinationAdmin(ReadOnlyAdmin):
    list_display = (
        "id",
        "barber",
        "connection",
        "can_receive",
        "pays_to_bank",
        "environment",
        "checked_at",
    )
    list_select_related = ("barber", "connection")
    list_filter = ("can_receive", "pays_to_bank", "environment")
    search_fields = ("barber_id", "connection__account_id")
    search_help_text = "An exact id of the barber or the account"
    fields = (
        ("barber", "environment"),
        "connection",
        ("can_receive", "pays_to_bank"),
        "obstacle",
        "checked_at",
    )
    actions = ("check_selected",)
    actions_list = ("set_destination",)

    def list_tables(self, row: PayoutDestination) -> list[Table]:
        return [tabulate_payables(row.barber), list_history([f"barber:{row.barber_id}"])]

    def has_operate_permission(self, request: HttpRequest, object_id: object = None) -> bool:
        return request.user.has_perm("payments.change_payoutdestination")

    @action(description="Ask whether they can receive", permissions=["operate"])
    def check_selected(
        self, request: HttpRequest, destinations: QuerySet[PayoutDestination]
    ) -> None:
        def check(row: PayoutDestination) -> None:
            check_destination(destination=row, by=get_actor(request), now=timezone.now())

        run_on_each(request, destinations.select_related("connection"), check)

    @action(
        description="Set a barber’s account",
        permissions=["operate"],
        icon="account_balance",
        dialog={
            "title": "Where is the barber paid out to?",
            "description": "The account must be connected to the platform’s. It is asked first.",
            "form_class": DestinationForm,
            "form_submit_text": "Set",
        },
    )
    def set_destination(self, request: HttpRequest, form: DestinationForm) -> HttpResponse:
        barber = Barber.objects.filter(pk=form.cleaned_data["barber_id"]).first()
        if barber is None:
            messages.error(request, "There is no such barber.")
        else:
            _set_destination(request, barber, form.cleaned_data["account_id"])
        return go_to(reverse("admin:payments_payoutdestination_changelist"))


def _set_destination(request: HttpRequest, barber: Barber, account_id: str) -> None:
    try:
        destination = set_payout_destination(
            barber=barber, account_id=account_id, by=get_actor(request), now=timezone.now()
        )
    except DomainError as error:
        messages.error(request, f"{error.message}.")
        return
    ready = "can be paid" if destination.is_ready else destination.obstacle
    messages.success(request, f"{barber} is paid out to {destination.connection}: {ready}")
