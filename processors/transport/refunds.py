"""What every adapter asks of the statements about refunds that it reads."""

from collections.abc import Sequence

from processors.contract import RefundRequest, RefundState, RefundStatement
from processors.transport.answers import check

# The money is the account's again.
_DEAD = frozenset({RefundState.FAILED, RefundState.CANCELED})


def check_refund(statement: RefundStatement, request: RefundRequest) -> RefundStatement:
    """Return the statement about what was asked for.

    :raises NotUnderstood: it is about another refund.
    """
    check(request.reference in ("", statement.our_reference), "reference")
    check(statement.payment_external_id == request.payment_external_id, "payment")
    check(statement.amount == request.amount, "amount")
    return statement


def choose_refund(
    found: Sequence[RefundStatement], request: RefundRequest
) -> RefundStatement | None:
    """Choose among listed refunds the one that carries our reference; None where none does.

    :raises NotUnderstood: two of ours may move money; ours is about another payment or amount.
    """
    ours = [
        check_refund(statement, request)
        for statement in found
        if statement.our_reference == request.reference
    ]
    live = [statement for statement in ours if statement.state not in _DEAD]
    check(len(live) <= 1, "reference")
    return next(iter(live or ours), None)
