"""Queries of busy paths, put together once.

Django puts a statement together anew for each query, which for wide rows takes several times as
long as the database needs to answer it.
"""

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any, Generic, TypeVar

from django.db import connection, connections, models
from django.db.models.query import get_related_populators

M = TypeVar("M", bound=models.Model)


class CompiledQuery(Generic[M]):
    """A query that is asked again and again with other values, `select_related` included.

    `build` makes it once, with any values; `fetch` takes the values in the order of the
    statement's parameters.
    """

    def __init__(self, build: Callable[[], models.QuerySet[M]]) -> None:
        self._build = build

    def fetch(self, *values: Any) -> list[M]:
        with connection.cursor() as cursor:
            cursor.execute(self._compiled.statement, values)
            return [self._compiled.read(row) for row in cursor.fetchall()]

    @cached_property
    def _compiled(self) -> "_Compiled":
        return _Compiled(self._build().query)


class _Compiled:
    """What Django makes of a query before it sends it, and of rows when they are there.

    Nothing here belongs to one thread's connection.
    """

    def __init__(self, query: Any) -> None:
        compiler: Any = query.get_compiler(connection=connections[connection.alias])
        self.statement, _ = compiler.as_sql()
        rows, selected = compiler.klass_info, compiler.select
        self._model = rows["model"]
        self._columns = slice(rows["select_fields"][0], rows["select_fields"][-1] + 1)
        self._names = [column.target.attname for column, *_ in selected[self._columns]]
        # The stubs are those of a later Django.
        self._related = get_related_populators(  # type: ignore[call-arg]
            rows, selected, connection.alias
        )
        self._converters = compiler.get_converters([column for column, *_ in selected])

    def read(self, row: Sequence[Any]) -> Any:
        values = list(row)
        for place, (converters, column) in self._converters.items():
            for convert in converters:
                values[place] = convert(values[place], column, connection)
        instance = self._model.from_db(connection.alias, self._names, values[self._columns])
        for related in self._related:
            related.populate(values, instance)
        return instance
