"""What is known of an attempt's outcome, whoever found out."""

from dataclasses import dataclass
from enum import StrEnum

from processors.contract import DebitFailure, DebitState, DebitStatement, Movement

from ..states import FailureClass


class Outcome(StrEnum):
    SUCCEEDED = "succeeded"
    PENDING = "pending"
    FAILED = "failed"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """`succeeded` comes with its movement, `failed` with its class; an unknown one says whether
    the processor answered at all. `is_account_refused`: our own credentials are not accepted.
    """

    outcome: Outcome
    external_id: str = ""
    movement: Movement | None = None
    failure: FailureClass | None = None
    code: str = ""
    message: str = ""
    is_unanswered: bool = False
    is_account_refused: bool = False
    is_futile: bool = False


def to_evidence(statement: DebitStatement) -> Evidence:
    """A processor's statement as evidence about the attempt; nothing may be idle any more."""
    match statement.state:
        case DebitState.SUCCEEDED:
            return Evidence(
                outcome=Outcome.SUCCEEDED,
                external_id=statement.external_id,
                movement=statement.movement,
            )
        case DebitState.PENDING:
            return Evidence(outcome=Outcome.PENDING, external_id=statement.external_id)
        case DebitState.CANCELED:
            return _read_canceled(statement)
    return fail(
        FailureClass((statement.failure or DebitFailure.CARD_PROBLEM).value),
        code=statement.failure_code,
        message=statement.failure_message or "The debit was refused",
        external_id=statement.external_id,
    )


def _read_canceled(statement: DebitStatement) -> Evidence:
    """We cancel what waits for a payer who is not there."""
    return fail(
        FailureClass.AUTHENTICATION,
        code="canceled",
        message="The bank wanted its customer to confirm the debit, so it was canceled",
        external_id=statement.external_id,
    )


def fail(
    failure: FailureClass,
    *,
    code: str = "",
    message: str = "",
    external_id: str = "",
    is_account_refused: bool = False,
    is_futile: bool = False,
) -> Evidence:
    """A definite failure: nothing moved. `is_futile`: the next debit would end the same way."""
    return Evidence(
        outcome=Outcome.FAILED,
        failure=failure,
        code=code or failure.value,
        message=message,
        external_id=external_id,
        is_account_refused=is_account_refused,
        is_futile=is_futile,
    )


def know_nothing(message: str, *, is_unanswered: bool = False) -> Evidence:
    """No word about what became of it."""
    return Evidence(outcome=Outcome.UNKNOWN, message=message, is_unanswered=is_unanswered)
