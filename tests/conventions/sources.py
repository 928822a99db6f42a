"""The project's source files, and what the house rules ask of them."""

import ast
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("bookedbarber", "processors", "payments", "collections_app", "analytics", "clearpay")


def list_sources(*folders: str) -> list[Path]:
    """Python files below the folders, generated migrations left out."""
    found = (path for folder in folders for path in (ROOT / folder).rglob("*.py"))
    return sorted(path for path in found if "migrations" not in path.parts)


def list_project_sources() -> list[Path]:
    return list_sources(*PACKAGES)


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


@cache
def parse(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def list_calls(tree: ast.AST) -> list[ast.Call]:
    return [node for node in ast.walk(tree) if isinstance(node, ast.Call)]


def list_public_functions(path: Path) -> list[ast.FunctionDef]:
    return [
        node
        for node in parse(path).body
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_")
    ]
