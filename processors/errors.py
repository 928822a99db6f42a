"""What can go wrong at a processor, named by what the caller must do next.

Only `ProcessorNotReached`, `CredentialsRefused`, `RequestRefused` and `CardDeclined` say that no
money moved. Whatever is not understood is `AnswerLost`.
"""

from bookedbarber.foundation.errors import Declined, OutcomeUnknown, Refused, Unavailable


class CardDeclined(Declined):
    """The card was declined."""

    def __init__(
        self, message: str | None = None, *, reason: str, external_id: str = "", **details: object
    ) -> None:
        super().__init__(message, reason=reason, **details)
        self.reason = reason
        self.external_id = external_id


class RequestRefused(Refused):
    """The processor does not accept this request."""


class InsufficientBalance(RequestRefused):
    """The platform's account at the processor does not hold enough for this yet."""


class MethodGone(RequestRefused):
    """The saved payment method cannot be debited any more."""


class CredentialsRefused(Refused):
    """The processor does not accept the account's credentials."""


class ApplicationRefused(Refused):
    """The processor does not accept our application's own id or secret."""


class ProcessorNotReached(Unavailable):
    """The processor was not reached, so nothing happened there."""

    code = "EXTERNAL_PROCESSOR_UNAVAILABLE"


class ProcessorBusy(ProcessorNotReached):
    """The processor asks us to slow down; it did nothing."""


class AnswerLost(OutcomeUnknown):
    """The processor's answer was lost or not understood, so money may have moved."""


class ListTooLong(AnswerLost):
    """The processor answers, but its list is too long to be read in the time there is."""
