"""Versions of how barbers are paid. A new one is set by a form; none is ever edited."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from unfold.decorators import action

from bookedbarber.accounts.models import Barber
from bookedbarber.foundation.admin_actions import get_actor
from bookedbarber.foundation.admin_base import ReadOnlyAdmin
from bookedbarber.foundation.admin_display import Table, list_history, money, percent
from bookedbarber.foundation.admin_lists import CurrencyFilter
from bookedbarber.foundation.errors import DomainError

from ..forms.faults import add_fault
from ..models import HybridPaymentConfig
from ..operations.configs import set_config
from ..queries.configs import find_config
from .config_forms import ConfigForm, WhichBarberForm, get_initial


@admin.register(HybridPaymentConfig)
class ConfigAdmin(ReadOnlyAdmin):
    list_display = (
        "id",
        "barber",
        "mode",
        percent("commission_rate", "commission"),
        "currency",
        "effective_at",
        "set_by",
    )
    list_select_related = ("barber",)
    list_filter = ("mode", CurrencyFilter)
    search_fields = ("id", "barber_id", "barber__name")
    search_help_text = "An exact id, or a barber’s id or exact name"
    fields = (
        ("barber", "mode"),
        ("effective_at", "currency"),
        "set_by",
        "reason",
        (percent("commission_rate", "commission"), money("split_threshold_minor", "split from")),
        ("commission_on_tips", "commission_on_cash"),
        (
            money("min_external_minor", "min external amount"),
            money("max_platform_minor", "max platform amount"),
        ),
        ("fallback_enabled", "preferred_processor"),
        ("collection_frequency", money("minimum_collection_minor", "minimum collection")),
        ("auto_collection", "collection_day", "buffer_days"),
        ("net_rent", "net_from_payout"),
        money("maximum_outstanding_minor", "maximum outstanding"),
    )
    autocomplete_fields = ("barber",)
    actions_detail = ("change_from_here",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("payments.add_hybridpaymentconfig")

    def has_set_permission(self, request: HttpRequest, object_id: object = None) -> bool:
        return self.has_add_permission(request)

    def list_tables(self, row: HybridPaymentConfig) -> list[Table]:
        return [list_history([f"barber:{row.barber_id}"])]

    @action(description="Set a new version", permissions=["set"], icon="edit")
    def change_from_here(self, request: HttpRequest, object_id: str) -> HttpResponse:
        config = self.get_object(request, object_id)
        if config is None:
            raise Http404
        address = reverse("admin:payments_hybridpaymentconfig_add")
        return HttpResponseRedirect(f"{address}?barber={config.barber_id}")

    def add_view(
        self,
        request: HttpRequest,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """First whose, then the form with the version in force filled in."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        column = self.opts.get_field("barber")
        which = WhichBarberForm(self.formfield_for_foreignkey(column, request), request.GET or None)
        if not which.is_valid():
            return self._render(request, "admin/payments/which_barber.html", which, "Whose?")
        return self._set(request, which.cleaned_data["barber"])

    def _set(self, request: HttpRequest, barber: Barber) -> HttpResponse:
        now = timezone.now()
        initial = get_initial(find_config(barber, at=now))
        form = ConfigForm(request.POST or None, initial=initial)
        if form.is_valid():
            try:
                config = set_config(
                    barber=barber,
                    changes=form.get_changes(),
                    by=get_actor(request),
                    now=now,
                    reason=form.cleaned_data["reason"],
                )
            except DomainError as error:
                add_fault(form, error)
            else:
                messages.success(request, f"{barber} is now paid {config.mode}.")
                return HttpResponseRedirect(
                    reverse("admin:payments_hybridpaymentconfig_change", args=[config.pk])
                )
        title = f"How {barber} is paid from now on"
        return self._render(request, "admin/payments/set_config.html", form, title)

    def _render(
        self, request: HttpRequest, template: str, form: Any, title: str
    ) -> TemplateResponse:
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": title,
            "form": form,
            "media": self.media + form.media,
        }
        return TemplateResponse(request, template, context)
