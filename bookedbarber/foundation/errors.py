"""The families of anticipated failure.

DomainError
├── Invalid        400  the request cannot make sense
├── NotAllowed     403  this actor may not do this
├── Missing        404  no such thing, or not yours
├── Conflict       409  not in this state, or somebody was first
├── Declined       402  the payer's own bank or card said no; final
├── Unprocessable  422  well-formed, but contradicts what was said before
├── Refused        424  a processor refused us; final, no money moved
├── OutcomeUnknown 202  money may have moved; ask, never repeat blindly
└── Unavailable    503  a dependency is down; retry later (424: a processor)

Subclass a family beside the code that raises it. `code` is for programs and never changes; the
docstring's first line is the message people see unless one is given. Anything that is not a
DomainError is a bug: let it reach the error log.
"""

from typing import ClassVar


class DomainError(Exception):
    """Something anticipated went wrong."""

    code: ClassVar[str] = "ERROR"

    def __init__(self, message: str | None = None, **details: object) -> None:
        self.message = message or _first_line(type(self))
        self.details = details
        super().__init__(self.message)


class Invalid(DomainError):
    """The request is not valid."""

    code = "VALIDATION_ERROR"


class NotAllowed(DomainError):
    """You may not do this."""

    code = "INSUFFICIENT_PERMISSIONS"


class Missing(DomainError):
    """There is no such thing."""

    code = "NOT_FOUND"


class Conflict(DomainError):
    """This is not possible in the present state."""

    code = "CONFLICT"


class Declined(DomainError):
    """The payment was declined."""

    code = "PAYMENT_DECLINED"


class Unprocessable(DomainError):
    """The request contradicts an earlier one."""

    code = "CONFLICT"


class Refused(DomainError):
    """The payment processor refused the request."""

    code = "EXTERNAL_API_ERROR"


class OutcomeUnknown(DomainError):
    """The outcome is not known yet."""

    code = "OUTCOME_UNKNOWN"


class Unavailable(DomainError):
    """A service we depend on is not available."""

    code = "SERVICE_UNAVAILABLE"


def _first_line(error: type[DomainError]) -> str:
    return (error.__doc__ or error.__name__).strip().splitlines()[0].rstrip(".")
