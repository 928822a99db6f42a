"""House rules about settings: each is set in one module, and every module is joined."""

import ast
from collections import Counter

from .sources import ROOT, list_sources, parse

FOLDER = "bookedbarber/settings"


def list_settings(tree: ast.Module) -> set[str]:
    """Upper-case names that the module sets; what it imports is set elsewhere."""
    assigned = (
        node.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    )
    return {name for name in assigned if name.isupper()}


def test_every_module_of_settings_is_joined():
    joined = {
        node.module
        for node in parse(ROOT / FOLDER / "__init__.py").body
        if isinstance(node, ast.ImportFrom)
    }

    assert joined == {path.stem for path in list_sources(FOLDER)} - {"__init__"}


def test_a_setting_is_set_in_one_module_only():
    """Where two set it, the order of the modules would decide."""
    times = Counter(name for path in list_sources(FOLDER) for name in list_settings(parse(path)))

    assert {name for name, count in times.items() if count > 1} == set()
    assert {"DATABASES", "INSTALLED_APPS", "PAYMENT_MINIMUM"} <= set(times)
