"""Booth rent: agreeing on it and ending it."""

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from unfold.decorators import action

from bookedbarber.accounts.models import Barber
from bookedbarber.foundation.admin_actions import act_on_one, get_actor, go_to
from bookedbarber.foundation.admin_base import ReadOnlyAdmin
from bookedbarber.foundation.admin_display import Table, link, list_history, moment, money
from bookedbarber.foundation.admin_lists import CurrencyFilter
from bookedbarber.foundation.errors import DomainError
from payments.models import Accrual

from ..models import RentPlan
from ..operations.rent_plans import create_rent_plan, end_rent_plan
from .rent_forms import EndForm, RentForm

MOST_ROWS = 100


@admin.register(RentPlan)
class RentPlanAdmin(ReadOnlyAdmin):
    list_display = (
        "public_id",
        "barber",
        money("amount_minor", "amount"),
        "frequency",
        "starts_on",
        "ends_on",
        "environment",
    )
    list_select_related = ("barber",)
    list_filter = ("frequency", CurrencyFilter, "environment")
    search_fields = ("public_id", "barber_id")
    search_help_text = "An exact id of the plan or the barber"
    fields = (
        ("public_id", "environment"),
        "barber",
        (money("amount_minor", "amount"), "frequency"),
        ("starts_on", "ends_on"),
        ("set_by", "created_at"),
        "reason",
    )
    actions_list = ("agree",)
    actions_detail = ("end",)

    def list_tables(self, row: RentPlan) -> list[Table]:
        accrued = Accrual.objects.filter(rent_plan_id=row.pk).order_by("-period_start")
        rows = [
            [link(one), one.period_start, one.period_end, one.amount, moment(one.created_at)]
            for one in accrued[:MOST_ROWS]
        ]
        heads = ["Accrual", "From", "Before", "Amount", "Made"]
        return [Table("Rent so far", heads, rows), list_history([row.public_id])]

    def has_operate_permission(self, request: HttpRequest, object_id: object = None) -> bool:
        return request.user.has_perm("collections_app.add_rentplan")

    @action(
        description="Agree on a rent",
        permissions=["operate"],
        icon="add_home",
        dialog={
            "title": "What does the chair cost?",
            "description": "Parts of a period are charged by the day.",
            "form_class": RentForm,
            "form_submit_text": "Agree",
        },
    )
    def agree(self, request: HttpRequest, form: RentForm) -> HttpResponse:
        barber = Barber.objects.filter(pk=form.cleaned_data["barber_id"]).first()
        if barber is None:
            messages.error(request, "There is no such barber.")
        else:
            _agree(request, barber, form)
        return go_to(reverse("admin:collections_app_rentplan_changelist"))

    @action(
        description="End",
        permissions=["operate"],
        icon="event_busy",
        dialog={
            "title": "When does it end?",
            "description": "The last part of a period is charged by the day. Say why.",
            "form_class": EndForm,
            "form_submit_text": "End it",
        },
    )
    def end(self, request: HttpRequest, form: EndForm, object_id: str) -> HttpResponse:
        def end(row: RentPlan) -> None:
            end_rent_plan(
                plan=row,
                ends_on=form.cleaned_data["ends_on"],
                reason=form.cleaned_data["reason"],
                by=get_actor(request),
                now=timezone.now(),
            )

        return act_on_one(self, request, object_id, end)


def _agree(request: HttpRequest, barber: Barber, form: RentForm) -> None:
    typed = form.cleaned_data
    try:
        plan = create_rent_plan(
            barber=barber,
            amount=form.amount_agreed,
            frequency=typed["frequency"],
            starts_on=typed["starts_on"],
            ends_on=typed["ends_on"],
            reason=typed["reason"],
            by=get_actor(request),
            now=timezone.now(),
        )
    except DomainError as error:
        messages.error(request, f"{error.message}.")
    else:
        messages.success(
            request, f"{barber} pays {plan.amount} {plan.get_frequency_display().lower()}."
        )
