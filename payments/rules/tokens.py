"""Which of the payer's tokens belongs to which account. Pure."""

from collections.abc import Mapping, Sequence

from bookedbarber.foundation.errors import Invalid

from .routing import Account

PLATFORM_KEY = "platform"


class UnknownPaymentMethod(Invalid):
    """A payment method names no account of this barber."""


class AmbiguousPaymentMethod(Invalid):
    """A payment method fits several accounts; name the connection."""


def resolve_tokens(methods: Mapping[str, str], accounts: Sequence[Account]) -> dict[int, str]:
    """Tokens by connection id. Keys are "platform", a connection id, or a processor's name where
    only one account is meant.

    :raises UnknownPaymentMethod: a key names no account.
    :raises AmbiguousPaymentMethod: a processor's name fits several accounts.
    """
    return {find_connection_id(key, accounts): token for key, token in methods.items()}


def find_connection_id(
    key: str, accounts: Sequence[Account], *, field: str = "payment_methods"
) -> int:
    """The account that a key in `field` means; raises as `resolve_tokens`."""
    if key == PLATFORM_KEY:
        found = [account for account in accounts if account.is_platform]
    elif key.isascii() and key.isdigit():
        found = [account for account in accounts if str(account.connection_id) == key]
    else:
        found = [account for account in accounts if account.processor == key]
    if not found:
        raise UnknownPaymentMethod(f"{field}: {key!r} names no account of this barber", field=field)
    if len(found) > 1:
        ids = ", ".join(str(account.connection_id) for account in found)
        raise AmbiguousPaymentMethod(
            f"{field}: {key!r} fits the connections {ids}; name one by its id", field=field
        )
    return found[0].connection_id
