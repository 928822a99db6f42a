# ruff: noqa: ARG002  the arguments of these methods are the admin's
"""The two kinds of page in the admin: facts, which nobody edits, and records of people."""

from collections.abc import Sequence
from functools import partial
from typing import Any, ClassVar

from django.contrib.admin.utils import flatten_fieldsets
from django.db.models import Model, Q, QuerySet
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse
from unfold.admin import ModelAdmin

from .admin_display import Table
from .admin_lists import UncountedAdmin, find_exactly, to_exact_conditions
from .audit import record_audit


class TablesAdmin(UncountedAdmin, ModelAdmin):
    """A row's page with tables below it."""

    change_form_outer_after_template = "admin/tables.html"

    def list_tables(self, row: Any) -> list[Table]:
        return []

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        # Called by the template, and so only after the parent has checked who is asking.
        tables = partial(self._list_tables, request, object_id)
        context = {**(extra_context or {}), "tables": tables}
        response: HttpResponse = super().changeform_view(request, object_id, form_url, context)
        return response

    def _list_tables(self, request: HttpRequest, object_id: str | None) -> list[Table]:
        row = self.get_object(request, object_id) if object_id else None
        return [] if row is None else self.list_tables(row)


class ReadOnlyAdmin(TablesAdmin):
    """Facts. They are corrected by operations that write new facts, never edited."""

    search_help_text = "An exact id"

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        return list(flatten_fieldsets(self.get_fieldsets(request, obj)))

    def get_exact_conditions(self, term: str) -> Sequence[Q]:
        """What a search looks for; ids of other tables are added here."""
        return to_exact_conditions(self.model, self.search_fields, term)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        term = search_term.strip()
        if not term:
            return queryset, False
        return queryset.filter(find_exactly(self.model, self.get_exact_conditions(term))), False


class EditableAdmin(TablesAdmin):
    """Records of people and bookings: editable, each edit with before and after."""

    unrecorded: ClassVar[frozenset[str]] = frozenset()
    """Form fields whose values nobody may read: they are named, not shown."""

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def save_model(
        self, request: HttpRequest, obj: Any, form: "ModelForm[Any]", change: Any
    ) -> None:
        """Save what changed, and nothing that somebody else may be changing beside us."""
        columns = {field.name for field in obj._meta.concrete_fields}
        changed = sorted(columns.intersection(form.changed_data))
        before = _read_values(type(obj), obj.pk, changed) if change else None
        if change:
            obj.save(update_fields=changed)
        else:
            obj.save()
        record_audit(
            subject=get_subject(obj),
            action=f"{obj._meta.model_name}.{'changed' if change else 'created'}",
            by=request.user.public_id,  # type: ignore[union-attr]
            before=before,
            after={name: str(getattr(obj, name)) for name in changed},
        )


def get_subject(row: Model) -> str:
    """What the history calls the row."""
    return str(getattr(row, "public_id", "")) or f"{row._meta.model_name}:{row.pk}"


def _read_values(model: type[Model], pk: Any, names: Sequence[str]) -> dict[str, str]:
    row = model._default_manager.get(pk=pk)
    return {name: str(getattr(row, name)) for name in names}
