# ruff: noqa: ARG002  the arguments of these methods are the admin's
"""Admin lists that stay quick at ten million rows.

Newest first by primary key, pages by key instead of OFFSET, nothing counted; searching means
exact ids, each looked up through its own index.
"""

from collections.abc import Callable, Sequence
from typing import Any, ClassVar

from django.conf import settings
from django.contrib import admin
from django.core.paginator import Paginator
from django.db.models import ForeignKey, IntegerField, Model, Q, QuerySet
from django.http import HttpRequest
from unfold.views import ChangeList

BEFORE = "before"
MOST_FOUND = 200


class UncountedPaginator(Paginator):  # type: ignore[type-arg]
    """Stands where the admin expects a paginator; `KeysetChangeList` does the paging."""

    template_name = "admin/keyset_pagination.html"


class KeysetChangeList(ChangeList):
    """`?before=<key>` shows the rows below that key."""

    def __init__(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        # The parent reads its queryset while it is made, so what it needs is there before.
        self._before = _read_key(request)
        super().__init__(request, *args, **kwargs)

    def get_filters_params(self, params: dict[str, Any] | None = None) -> dict[str, Any]:
        found: dict[str, Any] = super().get_filters_params(params)
        found.pop(BEFORE, None)
        return found

    def get_ordering(self, request: HttpRequest, queryset: QuerySet[Any]) -> list[str]:
        return ["-pk"]

    def get_results(self, request: HttpRequest) -> None:
        rows = self.queryset if self._before is None else self.queryset.filter(pk__lt=self._before)
        found = list(rows[: self.list_per_page + 1])
        self.result_list = found[: self.list_per_page]
        self.has_older = len(found) > self.list_per_page
        self.result_count = len(self.result_list)
        # Equal, so that the header does not offer to show all of what was not counted.
        self.full_result_count = self.result_count
        self.show_full_result_count = False
        self.show_admin_actions = True
        self.can_show_all = False
        self.multi_page = False
        self.paginator = UncountedPaginator(self.result_list, self.list_per_page)

    @property
    def is_first_page(self) -> bool:
        return self._before is None

    @property
    def newest_link(self) -> str:
        return str(self.get_query_string(remove=[BEFORE]))

    @property
    def older_link(self) -> str:
        return str(self.get_query_string({BEFORE: self.result_list[-1].pk}))


def find_exactly(model: type[Model], conditions: Sequence[Q]) -> Q:
    """The rows that fit any condition, each condition a statement (and so an index) of its own."""
    found: set[Any] = set()
    for condition in conditions:
        found.update(
            model._default_manager.filter(condition).values_list("pk", flat=True)[:MOST_FOUND]
        )
    return Q(pk__in=found)


def to_exact_conditions(model: type[Model], names: Sequence[str], term: str) -> list[Q]:
    """A condition for each lookup; a number's only when the term is one."""
    return [
        Q(**{name: term})
        for name in names
        if read_number(term) is not None or not _is_number(model, name)
    ]


def read_number(term: str) -> int | None:
    """A whole number that a bigint column can hold, else None."""
    return int(term) if term.isascii() and term.isdigit() and len(term) < 19 else None


def choice_filter(
    title: str, parameter: str, get_choices: Callable[[], Sequence[str]], lookup: str = ""
) -> type[admin.SimpleListFilter]:
    """A list filter over choices that are known beforehand: no SELECT DISTINCT."""
    shown, name, column = title, parameter, lookup or parameter

    class Filter(admin.SimpleListFilter):
        title = shown
        parameter_name = name

        def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
            return [(choice, choice) for choice in get_choices()]

        def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
            value = self.value()
            return queryset.filter(**{column: value}) if value else queryset

    return Filter


CurrencyFilter = choice_filter("currency", "currency", lambda: settings.CURRENCIES)


class UncountedAdmin:
    """Mixin: keyset pages, no counts, no facets, no sorting by columns without an index."""

    list_per_page: ClassVar[int] = 50
    list_max_show_all: ClassVar[int] = 0
    list_disable_select_all: ClassVar[bool] = True
    list_fullwidth: ClassVar[bool] = True
    show_full_result_count: ClassVar[bool] = False
    show_facets: ClassVar[admin.ShowFacets] = admin.ShowFacets.NEVER
    sortable_by: ClassVar[tuple[str, ...]] = ()
    ordering: ClassVar[tuple[str, ...]] = ("-pk",)

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[KeysetChangeList]:
        return KeysetChangeList


def _read_key(request: HttpRequest) -> int | None:
    return read_number(request.GET.get(BEFORE, ""))


def _is_number(model: type[Model], name: str) -> bool:
    """Whether the lookup is about a whole number of the model itself."""
    column = name.removesuffix("__exact")
    if "__" in column:
        return False
    return isinstance(model._meta.get_field(column), IntegerField | ForeignKey)
