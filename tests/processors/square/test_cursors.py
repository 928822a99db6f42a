"""Going on in Square's lists without leaving out what another row overtakes."""

from datetime import UTC, datetime, timedelta

import pytest

from processors.adapters.square.cursors import ChangeCursor, PayoutsCursor
from processors.transport import NotUnderstood

SINCE = datetime(2026, 6, 1, 12, tzinfo=UTC)


def rows(*milliseconds):
    return [
        {"updated_at": (SINCE + timedelta(milliseconds=ms)).isoformat(timespec="milliseconds")}
        for ms in milliseconds
    ]


def test_a_list_by_change_goes_on_from_the_last_moment_not_from_the_last_row():
    following = ChangeCursor(SINCE).get_next(rows(10, 500), "theirs")

    assert ChangeCursor.read(following, since=SINCE) == ChangeCursor(
        SINCE + timedelta(milliseconds=499)
    )


def test_more_rows_of_one_moment_than_fit_are_walked_by_squares_cursor():
    place = ChangeCursor(SINCE + timedelta(milliseconds=499))

    following = place.get_next(rows(500, 500), "theirs")

    assert ChangeCursor.read(following, since=SINCE) == ChangeCursor(place.begin, "theirs")


def test_without_a_further_page_it_ends():
    assert ChangeCursor(SINCE).get_next(rows(10), "") == ""


def test_a_list_that_leads_back_is_refused():
    with pytest.raises(NotUnderstood):
        ChangeCursor(SINCE, "theirs").get_next(rows(0), "theirs")


@pytest.mark.parametrize("text", ["yesterday", "12 x"])
def test_a_foreign_cursor_is_refused(text):
    with pytest.raises(NotUnderstood):
        ChangeCursor.read(text, since=SINCE)
    with pytest.raises(NotUnderstood):
        PayoutsCursor.read(text)


@pytest.mark.parametrize(
    "place",
    [
        PayoutsCursor(),
        PayoutsCursor(payout="po_1", entries="e", after="a"),
        PayoutsCursor(payout="po_1", entries="", after="a"),
    ],
)
def test_a_place_among_payouts_is_read_as_it_was_written(place):
    assert PayoutsCursor.read(str(place)) == place


def test_the_end_of_payouts_and_entries_is_the_end():
    assert str(PayoutsCursor(payout="po_1")) == ""
