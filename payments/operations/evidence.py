"""What is known of a leg's outcome, whoever found out."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from processors.contract import ChargeState, ChargeStatement, Movement, NextAction

from ..states import FailureKind


class Outcome(StrEnum):
    CAPTURED = "captured"
    AUTHORIZED = "authorized"
    REQUIRES_ACTION = "requires_action"
    FAILED = "failed"
    VOIDED = "voided"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """`captured` comes with its movement; `authorized` with the end of the hold, and with a failure
    where its capture was refused; `failed` with who refused and why; `requires_action` with what
    the payer must do; an unknown one says whether the processor answered at all.
    """

    outcome: Outcome
    external_id: str = ""
    movement: Movement | None = None
    expires_at: datetime | None = None
    next_action: NextAction | None = None
    failure_kind: FailureKind | None = None
    code: str = ""
    message: str = ""
    is_unanswered: bool = False


_OUTCOMES = {
    ChargeState.CAPTURED: Outcome.CAPTURED,
    ChargeState.AUTHORIZED: Outcome.AUTHORIZED,
    ChargeState.REQUIRES_ACTION: Outcome.REQUIRES_ACTION,
    ChargeState.FAILED: Outcome.FAILED,
    ChargeState.CANCELED: Outcome.VOIDED,
    ChargeState.PENDING: Outcome.UNKNOWN,
}


def to_evidence(statement: ChargeStatement) -> Evidence:
    """A processor's statement as evidence about the leg."""
    outcome = _OUTCOMES[statement.state]
    if outcome == Outcome.FAILED:
        return fail(
            FailureKind.DECLINED,
            message=statement.failure_message or "The card was declined",
            code=statement.failure_code,
            external_id=statement.external_id,
        )
    return Evidence(
        outcome=outcome,
        external_id=statement.external_id,
        movement=statement.movement,
        expires_at=statement.expires_at,
        next_action=statement.next_action,
    )


def fail(
    kind: FailureKind,
    *,
    message: str,
    code: str = "",
    external_id: str = "",
    outcome: Outcome = Outcome.FAILED,
) -> Evidence:
    """A definite refusal; with `outcome`, one that leaves something standing."""
    return Evidence(
        outcome=outcome,
        failure_kind=kind,
        code=code or kind.value,
        message=message,
        external_id=external_id,
    )


def know_nothing(message: str, *, is_unanswered: bool = False) -> Evidence:
    """No word about what became of it; `is_unanswered`: the processor did not even answer."""
    return Evidence(outcome=Outcome.UNKNOWN, message=message, is_unanswered=is_unanswered)
