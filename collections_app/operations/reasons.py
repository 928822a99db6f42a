"""What people decide about what is owed, they say why."""

from bookedbarber.foundation.errors import Invalid


class ReasonMissing(Invalid):
    """A reason is needed."""

    code = "REASON_MISSING"


def check_reason(reason: str) -> None:
    """
    :raises ReasonMissing: nobody says why.
    """
    if not reason.strip():
        raise ReasonMissing(field="reason")
