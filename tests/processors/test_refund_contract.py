"""Refunds: what every adapter makes of refusals and of what is no answer."""

from datetime import UTC, datetime

import pytest

from bookedbarber.foundation.ids import new_public_id
from bookedbarber.foundation.money import Money
from processors import registry
from processors.contract import AccountAccess, RefundRequest, Refunds
from processors.errors import AnswerLost, RequestRefused
from tests.processors.contract_cases import HTML, cases
from tests.processors.contract_cases import each_processor as each
from tests.processors.raw_server import answers, hangs_up_after, in_turn, is_silent, truncates

SINCE = datetime(2027, 1, 15, 8, tzinfo=UTC)
REQUEST = RefundRequest(
    reference=new_public_id("ref"), payment_external_id="pi_1", amount=Money(30_00, "USD")
)
PAGES = {
    "stripe": {"object": "list", "data": [], "has_more": True},
    "square": {"refunds": [], "cursor": "next"},
}


@pytest.fixture(autouse=True)
def _no_breaker(settings) -> None:
    settings.BREAKER_FAILURES = 100  # each of these servers fails all the time


@pytest.fixture
def refunds(access: AccountAccess) -> Refunds:
    return registry.get_adapter(access, Refunds)


@pytest.mark.parametrize(("processor", "case"), cases("REFUSALS"))
def test_a_refusal_is_named_by_what_to_do_next(refunds, raw_server, case):
    status, body, family = case
    raw_server.answer = answers(body, status)

    with pytest.raises(family):
        refunds.refund(REQUEST)


@pytest.mark.parametrize(("processor", "case"), cases("UNCLEAR"))
def test_what_proves_nothing_is_a_lost_answer(refunds, raw_server, case):
    status, body = case
    raw_server.answer = answers(body, status)

    with pytest.raises(AnswerLost):
        refunds.refund(REQUEST)


@each
@pytest.mark.parametrize(
    "answer",
    [answers(HTML, 200), answers("{"), truncates({"id": "re_1"}), hangs_up_after()],
    ids=["html", "broken", "cut", "hang up"],
)
def test_no_answer_is_a_lost_answer(refunds, raw_server, answer):
    raw_server.answer = answer

    with pytest.raises(AnswerLost):
        refunds.refund(REQUEST)
    with pytest.raises(AnswerLost):
        refunds.retrieve_refund("re_1", REQUEST)
    with pytest.raises(AnswerLost):
        refunds.find_refund(REQUEST, since=SINCE)


@each
def test_an_answer_that_says_nothing_is_a_lost_answer(refunds, raw_server):
    raw_server.answer = answers({})

    with pytest.raises(AnswerLost):
        refunds.refund(REQUEST)
    with pytest.raises(AnswerLost):
        refunds.retrieve_refund("re_1")


@each
def test_a_list_that_breaks_off_is_lost_and_not_empty(processor, refunds, raw_server):
    raw_server.answer = in_turn(answers(PAGES[processor]), answers("", 500))

    with pytest.raises(AnswerLost):
        refunds.find_refund(REQUEST, since=SINCE)


@each
def test_a_silent_processor_is_left_within_the_time_limit(refunds, raw_server, settings):
    settings.PROCESSOR_TIMEOUT_SECONDS = 1
    raw_server.answer = is_silent()

    with pytest.raises(AnswerLost):
        refunds.refund(REQUEST)

    assert len(raw_server.requests) == 1


@pytest.mark.parametrize("processor", ["square"])
@pytest.mark.parametrize("code", ["REFUND_AMOUNT_INVALID", "REFUND_DECLINED"])
def test_squares_own_category_of_refunds_is_a_refusal(refunds, raw_server, code):
    raw_server.answer = answers({"errors": [{"category": "REFUND_ERROR", "code": code}]}, 400)

    with pytest.raises(RequestRefused):
        refunds.refund(REQUEST)
