"""Which processors there are, and the adapter of each."""

from functools import cache
from typing import Protocol, TypeVar, cast

from django.utils.module_loading import import_string

from bookedbarber.foundation.errors import Invalid, Refused
from processors.contract import AccountAccess, Authorizations, CredentialField, Webhooks

ADAPTERS = {
    "square": "processors.adapters.square.adapter.Square",
    "stripe": "processors.adapters.stripe.adapter.Stripe",
}

# Our applications there, through which accounts are connected by OAuth.
APPLICATIONS = {
    "square": "processors.adapters.square.oauth.SquareApplication",
    "stripe": "processors.adapters.stripe.oauth.StripeApplication",
}

WEBHOOKS = {
    "square": "processors.adapters.square.webhooks.SquareWebhooks",
    "stripe": "processors.adapters.stripe.webhooks.StripeWebhooks",
}

A = TypeVar("A")


class AdapterClass(Protocol):
    """What every adapter class declares besides its abilities."""

    CREDENTIAL_FIELDS: tuple[CredentialField, ...]

    def __call__(self, access: AccountAccess) -> object: ...


class UnknownProcessor(Invalid):
    """There is no such processor."""


class AbilityNotSupported(Refused):
    """This processor cannot do that."""


def get_adapter(access: AccountAccess, ability: type[A]) -> A:
    """Return the account's adapter, as something that can do `ability` (a Protocol).

    :raises UnknownProcessor: the registry has no such processor.
    :raises AbilityNotSupported: its adapter does not implement the Protocol.
    :raises CredentialsRefused: the account's credentials cannot even be sent.
    """
    adapter = _get_adapter_class(access.processor)(access)
    if not isinstance(adapter, ability):
        raise AbilityNotSupported(processor=access.processor, ability=ability.__name__)
    return adapter


def get_credential_fields(processor: str) -> tuple[CredentialField, ...]:
    """Return what a person must paste to connect an account.

    :raises UnknownProcessor: the registry has no such processor.
    """
    return _get_adapter_class(processor).CREDENTIAL_FIELDS


def get_application(processor: str) -> Authorizations:
    """Return our application at a processor.

    :raises UnknownProcessor: there is none, or no such processor.
    """
    if processor not in APPLICATIONS:
        raise UnknownProcessor(processor=processor)
    application: Authorizations = import_string(APPLICATIONS[processor])()
    return application


def is_application_configured(processor: str) -> bool:
    """Whether accounts of this processor can be connected by OAuth here."""
    return processor in APPLICATIONS and get_application(processor).is_configured


@cache
def get_webhooks(processor: str) -> Webhooks:
    """Return how a processor sends events.

    :raises UnknownProcessor: the registry has no such processor.
    """
    if not is_known(processor):
        raise UnknownProcessor(processor=processor)
    webhooks: Webhooks = import_string(WEBHOOKS[processor])()
    return webhooks


def is_known(processor: str) -> bool:
    return processor in ADAPTERS


def can(processor: str, ability: type) -> bool:
    """Say whether a processor's adapter has an ability (a Protocol).

    :raises UnknownProcessor: the registry has no such processor.
    """
    return issubclass(cast(type, _get_adapter_class(processor)), ability)


def _get_adapter_class(processor: str) -> AdapterClass:
    if not is_known(processor):
        raise UnknownProcessor(processor=processor)
    adapter_class: AdapterClass = import_string(ADAPTERS[processor])
    return adapter_class
