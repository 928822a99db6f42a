"""Finding a charge by our reference, through the vendor's list: what every adapter does."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bookedbarber.foundation.money import Money
from processors.errors import AnswerLost, ListTooLong, ProcessorNotReached
from processors.transport import shared_lists
from tests.processors.contract_cases import REQUEST, cases
from tests.processors.contract_cases import each_processor as each
from tests.processors.raw_server import Answer, answers, in_turn

SINCE = datetime(2027, 1, 15, 7, 59, 59, 500_000, tzinfo=UTC)


def other(samples, number: int) -> dict:
    request = replace(REQUEST, reference=f"leg_other_{number}")
    return samples.renamed(samples.charged(request), f"pi_{number}")


def found_in(samples, processor: str, pages: list[dict], *found: dict) -> Answer:
    """These pages, and then the payment by its name where the vendor's list says too little."""
    asked_for = found if processor == "stripe" else ()
    return in_turn(*map(answers, [*pages, *asked_for]))


@each
def test_it_is_found_among_others_on_the_last_page(charges, samples, raw_server, processor):
    ours = samples.charged(REQUEST)
    pages = [
        samples.listed([other(samples, 10), other(samples, 11)], has_more=True),
        samples.listed([other(samples, 12)], has_more=True),
        samples.listed([other(samples, 13), ours]),
    ]
    raw_server.answer = found_in(samples, processor, pages, ours)

    statement = charges.find_charge(REQUEST, since=SINCE)

    raw_server.answer = answers(ours)
    assert statement == charges.retrieve_charge(samples.PAYMENT_ID, REQUEST)
    _, second, third = raw_server.requests[:3]
    assert "pi_11" in second.path
    assert "pi_12" in third.path


@each
def test_it_asks_for_everything_since_then(charges, samples, raw_server, processor):
    raw_server.answer = answers(samples.listed([other(samples, 1)]))

    assert charges.find_charge(REQUEST, since=SINCE) is None

    [request] = raw_server.requests
    since = {"stripe": "1799999999", "square": "2027-01-15T07%3A59%3A59.500%2B00%3A00"}
    assert since[processor] in request.path
    assert ("location_id=LOC1" in request.path) == (processor == "square")
    assert ("sort_order=ASC" in request.path) == (processor == "square")


@each
def test_a_canceled_first_attempt_does_not_hide_the_one_that_counts(
    charges, samples, raw_server, processor
):
    dead = samples.renamed(samples.canceled(REQUEST), "pi_9")
    ours = samples.charged(REQUEST)
    raw_server.answer = found_in(samples, processor, [samples.listed([dead, ours])], dead, ours)

    assert charges.find_charge(REQUEST, since=SINCE).external_id == samples.PAYMENT_ID


@each
def test_two_that_moved_money_are_for_a_person(charges, samples, raw_server, processor):
    twice = [samples.charged(REQUEST), samples.renamed(samples.charged(REQUEST), "pi_9")]
    raw_server.answer = found_in(samples, processor, [samples.listed(twice)], *twice)

    with pytest.raises(AnswerLost):
        charges.find_charge(REQUEST, since=SINCE)


@each
def test_our_reference_on_another_amount_is_not_believed(charges, samples, raw_server, processor):
    foreign = samples.charged(replace(REQUEST, amount=Money(76_00, "USD")))
    raw_server.answer = found_in(samples, processor, [samples.listed([foreign])], foreign)

    with pytest.raises(AnswerLost):
        charges.find_charge(REQUEST, since=SINCE)


@pytest.mark.parametrize(("processor", "body"), cases("malformed_lists", REQUEST))
def test_a_list_that_is_none_is_lost_and_not_empty(charges, raw_server, body):
    raw_server.answer = answers(body)

    with pytest.raises(AnswerLost):
        charges.find_charge(REQUEST, since=SINCE)


@each
def test_a_list_that_breaks_off_is_lost_and_not_empty(charges, samples, raw_server):
    first = answers(samples.listed([other(samples, 1)], has_more=True))
    raw_server.answer = in_turn(first, answers("", 500))

    with pytest.raises(AnswerLost):
        charges.find_charge(REQUEST, since=SINCE)


@each
def test_a_list_without_end_does_not_hold_us(charges, samples, raw_server, settings):
    settings.PROCESSOR_TIMEOUT_SECONDS = 1.5
    numbers = iter(range(10**6))

    def next_page(connection, over) -> None:
        page = samples.listed([other(samples, next(numbers))], has_more=True)
        answers(page)(connection, over)

    raw_server.answer = next_page

    with pytest.raises((AnswerLost, ProcessorNotReached)):
        charges.find_charge(REQUEST, since=SINCE)

    assert len(raw_server.requests) > 1


@each
def test_of_a_list_too_long_to_be_read_the_beginning_counts(
    charges, samples, raw_server, settings, processor
):
    settings.LIST_SECONDS = 0
    ours = samples.charged(REQUEST)
    pages = [samples.listed([other(samples, 1), ours], has_more=True)]
    raw_server.answer = found_in(samples, processor, pages, ours)

    assert charges.find_charge(REQUEST, since=SINCE).external_id == samples.PAYMENT_ID


@each
def test_what_the_beginning_of_a_long_list_does_not_name_is_read_once_for_all_who_ask(
    charges, samples, raw_server, settings
):
    settings.LIST_SECONDS = 0
    raw_server.answer = answers(samples.listed([other(samples, 1)], has_more=True))

    with shared_lists():
        for _ in range(2):
            with pytest.raises(ListTooLong):
                charges.find_charge(REQUEST, since=SINCE)

    assert len(raw_server.requests) == 1
