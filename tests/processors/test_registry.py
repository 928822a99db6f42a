from typing import Protocol, runtime_checkable

import pytest

from processors import registry
from processors.contract import AccountAccess

STRANGER = AccountAccess(
    processor="barter", environment="sandbox", account_id="1", credentials={"key": "secret"}
)


@runtime_checkable
class Levitation(Protocol):
    def levitate(self) -> None: ...


@pytest.mark.parametrize("processor", sorted(registry.ADAPTERS))
def test_a_processor_is_known(processor):
    assert registry.is_known(processor)


def test_a_processor_nobody_wrote_is_unknown():
    assert not registry.is_known("barter")
    with pytest.raises(registry.UnknownProcessor):
        registry.get_adapter(STRANGER, Levitation)
    with pytest.raises(registry.UnknownProcessor):
        registry.get_credential_fields("barter")


def test_an_ability_that_is_not_implemented_is_not_supported():
    access = AccountAccess(
        processor="stripe",
        environment="sandbox",
        account_id="acct_1",
        credentials={"secret_key": "sk_test_1"},
    )

    with pytest.raises(registry.AbilityNotSupported) as raised:
        registry.get_adapter(access, Levitation)

    assert raised.value.details == {"processor": "stripe", "ability": "Levitation"}


def test_an_account_shows_no_secret():
    assert "secret" not in repr(STRANGER)
