"""Telling a processor where its events are to go."""

from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookRegistration:
    """An address that a processor sends events to, and the secret that signs them."""

    external_id: str
    url: str
    secret: str = field(repr=False)


@runtime_checkable
class WebhookRegistrations(Protocol):
    """An account, or our application there, that keeps addresses for its events.

    :raises CredentialsRefused, RequestRefused, ProcessorNotReached, AnswerLost: each call.
    """

    def list_webhooks(self, url: str) -> tuple[str, ...]:
        """Ids of what is registered for exactly this address."""
        ...

    def register_webhook(
        self, url: str, *, reference: str, for_application: bool
    ) -> WebhookRegistration:
        """Register the address; `for_application`: for the events of all accounts connected to us.

        `reference` is the idempotency key: the same again registers once.
        """
        ...

    def remove_webhook(self, external_id: str) -> None:
        """Again is no failure."""
        ...
