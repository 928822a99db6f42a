"""What the contract tests share: one request, and cases for each processor of the registry.

A processor's words come from `tests/processors/<name>/samples.py`.
"""

import importlib
from types import ModuleType
from typing import Any

import pytest

from bookedbarber.foundation.ids import new_public_id
from bookedbarber.foundation.money import Money
from processors import registry
from processors.contract import ChargeRequest

REQUEST = ChargeRequest(
    reference=new_public_id("leg"),
    amount=Money(75_00, "USD"),
    tip=Money(10_00, "USD"),
    payment_token="tok_very_secret",
    description="A haircut",
    metadata={"appointment": "apt_1"},
)
HTML = "<html><body>Not here</body></html>"


def samples_of(processor: str) -> ModuleType:
    return importlib.import_module(f"tests.processors.{processor}.samples")


def cases(attribute: str, *arguments: object) -> list[Any]:
    """One parameter set for each processor and named case of its samples."""
    found = []
    for processor in registry.ADAPTERS:
        value = getattr(samples_of(processor), attribute)
        named = value(*arguments) if callable(value) else value
        found += [
            pytest.param(processor, case, id=f"{processor}: {name}") for name, case in named.items()
        ]
    return found


each_processor = pytest.mark.parametrize("processor", sorted(registry.ADAPTERS))
