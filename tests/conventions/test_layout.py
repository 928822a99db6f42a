"""House rules about where code is and how much of it stands in one place."""

import ast
from collections.abc import Callable, Iterable
from pathlib import Path

from .sources import (
    ROOT,
    list_calls,
    list_project_sources,
    list_public_functions,
    list_sources,
    name,
    parse,
)

MOST_LINES = 400
# What was longer when the rule came: it may shrink, and then leaves this list.
LONGER = {
    "tests/payments/operations/test_record_movements.py": 432,
}
VAGUE_NAMES = {"services", "utils", "helpers", "managers"}
EDGES = {"views", "views.py", "admin", "admin.py", "tasks.py", "management", "api"}
WRITES = {
    "save",
    "create",
    "get_or_create",
    "update_or_create",
    "bulk_create",
    "bulk_update",
    "delete",
    "select_for_update",
    "raw_delete",
}
QUERYSET_WRITES = {"update"}
# Polls by hand what tests.waiting does.
POLLS_BY_HAND = {"tests/processors/simulator/test_webhooks.py"}
# A driver of processes, not tests: its pauses are part of what it plays.
DRIVER = "tests/chaos/"


def is_edge(path: Path) -> bool:
    return bool(EDGES & set(path.relative_to(ROOT).parts))


def list_edges() -> list[Path]:
    # The simulator is a process of its own with its own store.
    return [
        path
        for path in list_project_sources()
        if is_edge(path) and "simulator" not in path.parts and "foundation" not in path.parts
    ]


def list_operations() -> list[Path]:
    """`operations/<noun>.py`; in a folder below are the steps of one operation."""
    return [path for path in list_project_sources() if path.parent.name == "operations"]


def list_money_code() -> list[Path]:
    """The simulator speaks the processors' JSON, whose numbers are theirs."""
    sources = list_sources("payments", "processors")
    return [path for path in sources if "simulator" not in path.parts]


def is_queryset_update(call: ast.Call) -> bool:
    """`rows.update(state=…)`; a dictionary's update takes no keywords here."""
    return (
        isinstance(call.func, ast.Attribute)
        and call.func.attr in QUERYSET_WRITES
        and bool(call.keywords)
    )


def is_write(call: ast.Call) -> bool:
    if not isinstance(call.func, ast.Attribute):
        return False
    return call.func.attr in WRITES or is_queryset_update(call)


def list_where(paths: Iterable[Path], is_wrong: Callable[[ast.Call], bool]) -> list[str]:
    """Where the files make a call that they must not, as `file:line: call()`."""
    return [
        f"{name(path)}:{call.lineno}: {ast.unparse(call.func)}()"
        for path in paths
        for call in list_calls(parse(path))
        if is_wrong(call)
    ]


def test_edges_do_not_write_to_the_database():
    """They call an operation, so the rule has one home."""
    assert list_where(list_edges(), is_write) == []


def test_the_edges_are_found():
    found = {name(path) for path in list_edges()}

    assert {"payments/views/sales.py", "payments/admin/configs.py", "payments/tasks.py"} <= found
    assert {"bookedbarber/accounts/admin.py", "payments/api/payment_views.py"} <= found


def test_no_file_is_too_long_to_read():
    sources = [*list_project_sources(), *list_sources("tests")]
    lengths = {name(path): len(path.read_bytes().splitlines()) for path in sources}

    assert {
        path: lines for path, lines in lengths.items() if lines > LONGER.get(path, MOST_LINES)
    } == {}


def test_no_module_has_a_name_that_says_nothing():
    vague = [name(path) for path in list_project_sources() if path.stem in VAGUE_NAMES]
    folders = [
        name(path.parent) for path in list_project_sources() if path.parent.name in VAGUE_NAMES
    ]

    assert vague + folders == []


def test_every_folder_of_tests_is_a_package():
    """Without it `tests/payments` would hide `payments`."""
    folders = {path.parent for path in (ROOT / "tests").rglob("*.py")}
    inside = {
        parent
        for folder in folders
        for parent in [folder, *folder.parents]
        if parent.is_relative_to(ROOT / "tests")
    }

    assert [name(folder) for folder in inside if not (folder / "__init__.py").exists()] == []


def test_an_operation_says_what_it_does_and_takes_keywords_only():
    """What it is about may come first without a name: `record_movements(facts, *, by)`."""
    faults = [
        f"{name(path)}: {function.name}: {fault}"
        for path in list_operations()
        for function in list_public_functions(path)
        for fault in find_faults(function)
    ]

    assert faults == []


def find_faults(function: ast.FunctionDef) -> list[str]:
    faults = []
    if not ast.get_docstring(function):
        faults.append("no docstring")
    if len(function.args.args) > 1:
        faults.append("positional parameters")
    return faults


def test_money_is_never_a_float():
    assert list_where(list_money_code(), is_float) == []


def is_float(call: ast.Call) -> bool:
    return isinstance(call.func, ast.Name) and call.func.id == "float"


def test_a_test_waits_for_something_and_never_just_sleeps():
    waiting = [
        path
        for path in list_sources("tests")
        if name(path) not in POLLS_BY_HAND and not name(path).startswith(DRIVER)
    ]

    assert list_where(waiting, is_sleep) == []


def is_sleep(call: ast.Call) -> bool:
    return isinstance(call.func, ast.Attribute) and call.func.attr in {"sleep", "wait_for_timeout"}
