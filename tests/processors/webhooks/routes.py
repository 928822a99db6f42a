"""Routes for tests of the inbox: what answers is the test's own."""

from collections.abc import Callable

from processors.operations.webhook_outcomes import EventOperation, Outcome, Reported


def refuse(reported: Reported) -> Outcome:
    raise AssertionError("no test said what is to be answered")


answer: Callable[[Reported], Outcome] = refuse


def pass_on(reported: Reported) -> Outcome:
    return answer(reported)


event_routes: dict[str, EventOperation] = {
    "stripe:probe.": pass_on,
    "square:payment.": pass_on,
    "stripe:charge.": pass_on,
}
