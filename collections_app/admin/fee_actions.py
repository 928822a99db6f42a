"""What operators let barbers owe, give them, or carry over."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from unfold.decorators import action

from bookedbarber.accounts.models import Barber
from bookedbarber.foundation.admin_actions import act_on_one, get_actor, go_to, run_on_each
from payments.operations.goodwill import grant_goodwill

from ..models import CollectionLine, PlatformCollection
from ..operations.carry_over import carry_over_barber
from ..operations.fees import adjust_accrual, charge_late_fee, charge_platform_fee
from .fee_forms import AdjustmentForm, AmountForm, BarberAmountForm, BarberForm


class FeeActions:
    """For the admin of collections, which says who may: `operate`."""

    actions_list = ("charge_fee", "give_goodwill", "carry_over")

    @action(
        description="Charge a late fee",
        permissions=["operate"],
        icon="timer_off",
        dialog={
            "title": "Charge a late fee for this collection?",
            "description": "Once, in its currency; it is part of the next one. Say why.",
            "form_class": AmountForm,
            "form_submit_text": "Charge it",
        },
    )
    def late_fee(self, request: HttpRequest, form: AmountForm, object_id: str) -> HttpResponse:
        def charge(row: PlatformCollection) -> None:
            charge_late_fee(
                barber=row.barber,
                amount=form.get_amount(row.currency),
                reference=row.public_id,
                reason=form.cleaned_data["reason"],
                by=get_actor(request),
                now=timezone.now(),
            )

        return act_on_one(self, request, object_id, charge)

    @action(
        description="Charge a fee",
        permissions=["operate"],
        icon="add_card",
        dialog={
            "title": "Which platform fee does a barber owe?",
            "description": "It is part of his next collection. Say what for.",
            "form_class": BarberAmountForm,
            "form_submit_text": "Charge it",
        },
    )
    def charge_fee(self, request: HttpRequest, form: BarberAmountForm) -> HttpResponse:
        return _book_amount(request, form, charge_platform_fee)

    @action(
        description="Give goodwill",
        permissions=["operate"],
        icon="redeem",
        dialog={
            "title": "What does the platform give a barber?",
            "description": "It is added to his next payout. Say why.",
            "form_class": BarberAmountForm,
            "form_submit_text": "Give it",
        },
    )
    def give_goodwill(self, request: HttpRequest, form: BarberAmountForm) -> HttpResponse:
        return _book_amount(request, form, grant_goodwill)

    @action(
        description="Carry over",
        permissions=["operate"],
        icon="swap_horiz",
        dialog={
            "title": "Does a barber leave?",
            "description": "What he took too much is owed, a credit is paid out. Say why.",
            "form_class": BarberForm,
            "form_submit_text": "Carry over",
        },
    )
    def carry_over(self, request: HttpRequest, form: BarberForm) -> HttpResponse:
        def carry(barber: Barber) -> None:
            carry_over_barber(
                barber=barber,
                currency=form.cleaned_data["currency"],
                reason=form.cleaned_data["reason"],
                by=get_actor(request),
                now=timezone.now(),
            )

        return _act_on_barber(request, form, carry)


class AdjustmentAction:
    """For the admin of lines, which says who may: `operate`."""

    @action(
        description="Adjust",
        permissions=["operate"],
        icon="tune",
        dialog={
            "title": "Correct what this line is of?",
            "description": "The difference is part of the next collection. Say why.",
            "form_class": AdjustmentForm,
            "form_submit_text": "Adjust",
        },
    )
    def adjust(self, request: HttpRequest, form: AdjustmentForm, object_id: str) -> HttpResponse:
        def adjust(row: CollectionLine) -> None:
            adjust_accrual(
                accrual=row.accrual,
                amount=form.get_amount(row.accrual.currency),
                reference=form.reference,
                reason=form.cleaned_data["reason"],
                by=get_actor(request),
                now=timezone.now(),
            )

        return act_on_one(self, request, object_id, adjust)


def _book_amount(
    request: HttpRequest, form: BarberAmountForm, operation: Callable[..., object]
) -> HttpResponse:
    """By an operation about a barber and an amount, such as `grant_goodwill`."""

    def book(barber: Barber) -> None:
        operation(
            barber=barber,
            amount=form.get_amount(form.cleaned_data["currency"]),
            reference=form.reference,
            reason=form.cleaned_data["reason"],
            by=get_actor(request),
            now=timezone.now(),
        )

    return _act_on_barber(request, form, book)


def _act_on_barber(
    request: HttpRequest, form: BarberForm, act: Callable[[Barber], None]
) -> HttpResponse:
    found = list(Barber.objects.filter(pk=form.cleaned_data["barber_id"]))
    run_on_each(request, found, act)
    if not found:
        messages.error(request, "There is no such barber.")
    return go_to(reverse("admin:collections_app_platformcollection_changelist"))
