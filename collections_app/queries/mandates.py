"""Which saved payment method is debited."""

from collections.abc import Collection

from processors.models import Connection
from processors.states import ConnectionState

from ..models import Mandate, PlatformCollection
from ..states import CollectionMethod, MandateKind

# What the processor debits bank accounts in.
_BANK_ACCOUNT_CURRENCIES = frozenset({"USD"})

METHODS = {
    MandateKind.CARD: CollectionMethod.CARD,
    MandateKind.BANK_ACCOUNT: CollectionMethod.BANK_DEBIT,
}


def find_mandate(
    collection: PlatformCollection, *, kinds: Collection[MandateKind] = tuple(METHODS)
) -> Mandate | None:
    """The method saved last that can pay this collection; None: there is none."""
    usable = set(kinds)
    if collection.currency not in _BANK_ACCOUNT_CURRENCIES:
        usable -= {MandateKind.BANK_ACCOUNT}
    return (
        Mandate.objects.live()
        .filter(
            barber=collection.barber_id,
            environment=collection.environment,
            kind__in=usable,
        )
        .select_related("connection")
        .order_by("-pk")
        .first()
    )


def find_debiting_account(*, environment: str) -> Connection | None:
    """The platform's account that barbers are debited by."""
    accounts = Connection.objects.of_platform().in_environment(environment)
    return accounts.filter(state=ConnectionState.CONNECTED, disabled_at=None).first()
