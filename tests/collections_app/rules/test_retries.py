from datetime import timedelta

import pytest

from collections_app.rules.retries import decide_retry
from collections_app.states import FailureClass

SCHEDULE = [timedelta(hours=1), timedelta(hours=4), timedelta(hours=24)]
F = FailureClass


@pytest.mark.parametrize(
    ("failure", "waits"),
    [
        (F.NO_FUNDS, [1, 4, 24, None]),
        (F.CARD_PROBLEM, [1, 4, 24, None]),
        (F.PROCESSOR_TROUBLE, [1, 4, 24, None]),
        (F.ACCOUNT_CLOSED, [None]),
        (F.MANDATE_GONE, [None]),
        (F.AUTHENTICATION, [None]),
    ],
)
def test_a_failure_is_tried_again_where_that_can_help(failure, waits):
    decided = [
        decide_retry(failure, attempts=number, schedule=SCHEDULE)
        for number in range(1, len(waits) + 1)
    ]

    assert decided == [None if wait is None else timedelta(hours=wait) for wait in waits]
